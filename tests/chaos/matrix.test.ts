import { describe, expect } from 'vitest'
import { recordRounds, strikeAt } from './fail-point-rounds.ts'
import { isFull, round } from './how-much.ts'

/** Without OC_CHAOS=full: every named point, what has an effect outside, and one commit of each kind. */
const REPRESENTATIVES = [
  /^[^:]+$/,
  /^effect:(runAgent|publishBranch|openPull|mergePull|comment|moveTask|recordAttempt|stopAgent):after$/,
  /^commit:(task:CLAIMED|task:MERGED|review:xstate\.init|gate:DECISION):inside$/,
  /^(take:task\.claimed|lease:claim_queue|put:pull\.merged):after$/,
]

const all = await recordRounds()
const chosen = isFull ? all : all.filter(({ point }) => REPRESENTATIVES.some((some) => some.test(point)))
console.log(`crash matrix: ${chosen.length} of ${all.length} fail-points`)

describe('SIGKILL of whoever passes', () => {
  const rows = chosen.map((one) => [one.point, one.scenario.name, one] as const)
  round.each(rows)('%s (%s): the same end', { timeout: 120_000 }, async (_point, _scenario, one) => {
    expect(await strikeAt(one, { act: 'kill' })).toEqual([])
  })
})
