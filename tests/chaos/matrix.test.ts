import { describe, expect } from 'vitest'
import { type Round, recordRounds, strikeAt } from './fail-point-rounds.ts'
import { isFull, round } from './how-much.ts'

/** Without OC_CHAOS=full: every named point, what has an effect outside, and one commit of each kind. */
const REPRESENTATIVES = [
  /^[^:]+$/,
  /^effect:(runAgent|publishBranch|openPull|mergePull|comment|moveTask|recordAttempt|stopAgent):after$/,
  /^commit:(task:CLAIMED|task:MERGED|review:xstate\.init|gate:DECISION):inside$/,
  /^(take:task\.claimed|lease:claim_queue|put:pull\.merged):after$/,
]

const all = await recordRounds()
const firsts = all.filter(({ point }, at) => all.findIndex((one) => one.point === point) === at)
const isChosen = ({ point }: Round): boolean => REPRESENTATIVES.some((some) => some.test(point))
const chosen = isFull ? all : firsts.filter(isChosen)
console.log(`crash matrix: ${chosen.length} of ${all.length} rounds at ${firsts.length} fail-points`)

describe('SIGKILL of whoever passes', () => {
  const rows = chosen.map((one) => [one.point, one.scenario.name, one] as const)
  round.each(rows)('%s (%s): the same end', { timeout: 120_000 }, async (_point, _scenario, one) => {
    expect(await strikeAt(one, { act: 'kill' })).toEqual([])
  })
})
