import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { transition } from 'xstate'
import { DURABLE_MACHINES } from '../../../machines/durable/registry.ts'
import { ReviewContext } from '../../../machines/durable/review-context.ts'
import { TaskContext } from '../../../machines/durable/task-context.ts'
import type { JsonValue } from '../../../src/contracts/json.ts'
import type { ActorRow } from '../../../src/contracts/store.ts'
import { defineMachine, type MachineDefinition } from '../../../src/durable/define-machine.ts'
import { planMigration, restoreActor, type StoredActor } from '../../../src/durable/load-actor.ts'
import { stamp } from './support/samples.ts'

/** Snapshots as an earlier version stored them, by state; written by the code of that version. */
const samplesOf = (name: string): [string, JsonValue][] =>
  Object.entries(JSON.parse(readFileSync(new URL(`stored/${name}.json`, import.meta.url), 'utf8')))

const task = defineMachine(DURABLE_MACHINES.task)
const review = defineMachine(DURABLE_MACHINES.review)

const storedAs = (machine: string, machineVersion: number, snapshot: JsonValue): StoredActor => {
  const row = { id: `${machine}-1`, machine, machineVersion, snapshot, status: 'active', queue: 'goal' }
  return { row: row as unknown as ActorRow, effects: [], timers: [] }
}

const lift = (definition: MachineDefinition, snapshot: JsonValue) => {
  const { name, version } = definition
  const plan = planMigration(definition, storedAs(name, 1, snapshot))
  expect([plan?.cancelEffects, plan?.cancelTimers]).toEqual([[], []])
  return restoreActor(definition, storedAs(name, version, plan?.snapshot as JsonValue)).snapshot
}

test.each(samplesOf('task-1'))('a task that version 1 stored in %s hears what is new', (state, stored) => {
  const snapshot = lift(task, stored)
  expect(snapshot.value).toBe(state)
  expect(TaskContext.parse(snapshot.context)).toEqual(snapshot.context)
  expect(snapshot.context).toMatchObject({ agentNo: 0, deferred: 0, session: null })

  const event = { type: 'MOVE', to: 'Backlog', by: 'ada', reason: '', ...stamp }
  const [after] = transition(task.machine, snapshot, event as never)
  expect(after.status).toBe('active')
  expect(after.context.ending).toMatchObject({ kind: 'asked', to: 'Backlog' })
})

test.each(samplesOf('review-1'))('a review that version 1 stored in %s goes on', (state, stored) => {
  const snapshot = lift(review, stored)
  expect(snapshot.value).toBe(state)
  expect(ReviewContext.parse(snapshot.context)).toEqual(snapshot.context)
})
