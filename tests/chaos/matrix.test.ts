import { describe, expect, test } from 'vitest'
import { recordRounds, strikeAt } from './fail-point-rounds.ts'
import { isFull, round } from './how-much.ts'

/** Without OC_CHAOS=full: one of each kind of process start, file, effect outside and transaction. */
const REPRESENTATIVES: readonly string[] = [
  'spawn.lane.started',
  'spawn.effect.started',
  'spawn.keeper.intent_written',
  'spawn.keeper.started',
  'keeper.claimed',
  'keeper.agent_started',
  'keeper.exit_written',
  'mirror.cloned',
  'workspace.cloned',
  'work.committed',
  'push.before',
  'push.after',
  'evidence.folder_written',
  'workspace.saved',
  'workspace.renamed',
  'merge.before',
  'merge.after',
  'effect:runAgent:after',
  'effect:comment:after',
  'effect:stopAgent:after',
  'take:task.claimed:after',
  'spend:reserve:inside',
  'spend:settle:after',
  'commit:task:CLAIMED:inside',
  'commit:task:MERGED:after',
  'commit:gate:DECISION:inside',
  'put:pull.merged:after',
  'lease:claim_queue:after',
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
