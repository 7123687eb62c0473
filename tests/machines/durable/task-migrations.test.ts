import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { transition } from 'xstate'
import { DURABLE_MACHINES } from '../../../machines/durable/registry.ts'
import type { JsonValue } from '../../../src/contracts/json.ts'
import type { ActorRow } from '../../../src/contracts/store.ts'
import { defineMachine } from '../../../src/durable/define-machine.ts'
import { planMigration, restoreActor, type StoredActor } from '../../../src/durable/load-actor.ts'
import { stamp } from './support/samples.ts'

/** Snapshots of tasks as earlier versions stored them, by state; written by the code of that version. */
const sampleOf = (version: number): [string, JsonValue][] =>
  Object.entries(
    JSON.parse(readFileSync(new URL(`stored/task-${version}.json`, import.meta.url), 'utf8')) as Record<
      string,
      JsonValue
    >,
  )

const definition = defineMachine(DURABLE_MACHINES.task)

const storedAs = (machineVersion: number, snapshot: JsonValue): StoredActor => {
  const row = { id: 'task-1', machine: 'task', machineVersion, snapshot, status: 'active', queue: 'goal' }
  return { row: row as unknown as ActorRow, effects: [], timers: [] }
}

test.each(sampleOf(1))(
  'lifts a task that version 1 stored in %s; a move of its card is heard',
  (state, snapshot) => {
    const stored = storedAs(1, snapshot)
    const plan = planMigration(definition, stored)
    const lifted = storedAs(definition.version, plan?.snapshot as JsonValue)
    const loaded = restoreActor(definition, lifted)
    expect(loaded.snapshot.value).toBe(state)
    expect([plan?.cancelEffects, plan?.cancelTimers]).toEqual([[], []])

    const event = { type: 'MOVE', to: 'Backlog', by: 'ada', reason: '', ...stamp }
    const [after] = transition(definition.machine, loaded.snapshot, event as never)
    expect(after.status).toBe('active')
    expect(after.context.ending).toMatchObject({ kind: 'asked', to: 'Backlog' })
  },
)
