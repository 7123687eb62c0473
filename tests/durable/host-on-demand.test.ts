import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { defineMachine } from '../../src/durable/define-machine.ts'
import { createHost, type Host } from '../../src/durable/host.ts'
import { createHostOnDemand } from '../../src/durable/host-on-demand.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import { START_EVENT } from '../../src/durable/start-event.ts'
import type { Store } from '../../src/durable/store.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { manualClock, ownerNamed } from './support.ts'
import { noteEffect, toyDefinition, workEffect } from './toy-machine.ts'

let store: Store
let made: number

beforeEach(async () => {
  made = 0
  const path = join(makeTempDir('on-demand'), 'journal.db')
  store = await openSqliteStore({ path, clock: manualClock(), prove: () => 'dead' })
})
afterEach(() => store.close())

const onDemand = (name: string): Host =>
  createHostOnDemand({
    store,
    queue: 'q',
    make: async () => {
      made += 1
      return createHost({
        ...{ store, owner: ownerNamed(name), queue: 'q', clock: manualClock() },
        machines: [defineMachine(toyDefinition)],
        effects: [workEffect(() => new Promise(() => {})), noteEffect(async () => {})],
        wake: () => {},
        onTurn: () => {},
        report: () => {},
        reap: async () => {},
      })
    },
  })

const start = (actor: string, queue: string) =>
  store.enqueue({
    ...{ id: `start/${actor}`, actor, queue, event: { type: START_EVENT } },
    start: { machine: 'toy', input: { n: 0 } },
  })

test('nothing is made while the queue has nothing for it', async () => {
  const host = onDemand('a')
  await start('elsewhere', 'other')
  expect(await host.recover()).toEqual({ claimed: [], reaped: [] })
  expect(await host.step()).toEqual({ worked: false, nextTimer: null })
  expect(host.running()).toEqual([])
  await host.stop({ graceMs: 0 })
  expect(made).toBe(0)
})

test('the first event has it made, once, and is handled in the same step', async () => {
  const host = onDemand('a')
  await start('t1', 'q')
  for (let step = await host.step(); step.worked; step = await host.step());
  expect(await store.loadActor('t1')).toMatchObject({ status: 'active', snapshot: { value: 'idle' } })
  expect(made).toBe(1)
})

test('what an earlier life left is recovered', async () => {
  const earlier = onDemand('a')
  await start('t1', 'q')
  for (let step = await earlier.step(); step.worked; step = await earlier.step());
  expect(await onDemand('b').recover()).toMatchObject({ claimed: ['t1'], reaped: [ownerNamed('a')] })
})
