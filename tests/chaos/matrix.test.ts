import { describe, expect, test } from 'vitest'
import { recordRounds, strikeAt } from './fail-point-rounds.ts'

/** OC_CHAOS=full: every fail-point; else those that stand for a kind of their own. */
const isFull = process.env.OC_CHAOS === 'full'
const all = await recordRounds()
const chosen = isFull ? all : all.filter(({ point }) => !point.includes(':'))
console.log(`crash matrix: ${chosen.length} of ${all.length} fail-points`)

describe('SIGKILL of whoever passes', () => {
  const rows = chosen.map((round) => [round.point, round.scenario.name, round] as const)
  test.each(rows)('%s (%s): the same end', { timeout: 120_000 }, async (_point, _scenario, round) => {
    expect(await strikeAt(round, { act: 'kill' })).toEqual([])
  })
})
