import { describe, expect, test } from 'vitest'
import { recordRounds, strikeAt } from './fail-point-rounds.ts'
import { isFull, round } from './how-much.ts'

/** Without OC_CHAOS=full: one of each kind of process start, file, effect outside and transaction. */
const REPRESENTATIVES: readonly string[] = [
  'spawn.lane.started',
  'spawn.effect.started',
  'spawn.keeper.intent_written',
  'keeper.claimed',
  'keeper.agent_started',
  'push.after',
  'workspace.saved',
  'merge.after',
  'effect:comment:after',
  'spend:settle:after',
  'commit:task:CLAIMED:inside',
  'commit:gate:DECISION:inside',
  'put:pull.merged:after',
]

const all = await recordRounds()
const points = [...new Set(all.map(({ point }) => point))]
const representatives = REPRESENTATIVES.flatMap((point) => all.find((one) => one.point === point) ?? [])
const chosen = isFull ? all : representatives
console.log(`crash matrix: ${chosen.length} of ${all.length} rounds at ${points.length} fail-points`)

test('the representatives are passed', () => {
  expect(representatives.map(({ point }) => point)).toEqual(REPRESENTATIVES)
})

describe('SIGKILL of whoever passes', () => {
  const rows = chosen.map((one) => [one.point, one.scenario.name, one] as const)
  round.each(rows)('%s (%s): the same end', { timeout: 120_000 }, async (_point, _scenario, one) => {
    expect(await strikeAt(one, { act: 'kill' })).toEqual([])
  })
})
