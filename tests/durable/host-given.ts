import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import type { Owner } from '../../src/contracts/store.ts'
import { defineMachine, type MachineDefinition } from '../../src/durable/define-machine.ts'
import type { EffectContext, EffectDefinition } from '../../src/durable/effect.ts'
import { createHost, type Host, type Turn } from '../../src/durable/host.ts'
import type { HostReport } from '../../src/durable/host-report.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import { START_EVENT } from '../../src/durable/start-event.ts'
import type { OwnerProof, Store } from '../../src/durable/store.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { type ManualClock, manualClock, ownerNamed } from './support.ts'
import { noteEffect, toyDefinition, workEffect } from './toy-machine.ts'

interface Call {
  readonly context: EffectContext
  readonly n: number
  answer(value: string): void
  fail(error: unknown): void
}

/** What a test of the host sees, and moves; all of it anew for each test. */
interface HostGiven {
  store: Store
  clock: ManualClock
  /** What is proved of whoever holds a lease. */
  proof: OwnerProof
  /** The toy's effects `work` in flight, oldest first; each ends when the test says so. */
  calls: Call[]
  notes: string[]
  /** So often its effect `note` fails before it works. */
  noteFailures: number
  turns: Turn[]
  reports: HostReport[]
  woken: string[]
  reaped: Owner[]
}

/** Hosts of toys on one journal. To be called once in a test file. */
export const hostGiven = () => {
  const given = {} as HostGiven
  beforeEach(async () => {
    Object.assign(given, {
      calls: [],
      notes: [],
      noteFailures: 0,
      turns: [],
      reports: [],
      woken: [],
      reaped: [],
    })
    given.proof = 'alive'
    given.clock = manualClock()
    given.store = await openSqliteStore({
      path: join(makeTempDir('host'), 'journal.db'),
      clock: given.clock,
      prove: () => given.proof,
    })
  })
  afterEach(() => given.store.close())

  const heldWork = workEffect(
    (context, { n }) => new Promise((answer, fail) => given.calls.push({ context, n, answer, fail })),
  )
  const note = noteEffect(async (text) => {
    if (given.noteFailures > 0) {
      given.noteFailures -= 1
      throw new Error('the wall is wet')
    }
    given.notes.push(text)
  })
  const makeHost = (
    name: string,
    { machines, effects }: { machines?: MachineDefinition[]; effects?: EffectDefinition[] } = {},
  ): Host =>
    createHost({
      store: given.store,
      owner: ownerNamed(name),
      queue: 'q',
      machines: machines ?? [defineMachine(toyDefinition)],
      effects: effects ?? [heldWork, note],
      clock: given.clock,
      wake: (queue) => void given.woken.push(queue),
      onTurn: (turn) => void given.turns.push(turn),
      report: (report) => void given.reports.push(report),
      reap: async (owner) => void given.reaped.push(owner),
    })

  const start = (actor: string, event: { type: string } = { type: START_EVENT }) =>
    given.store.enqueue({
      id: `start/${actor}/${event.type}`,
      actor,
      queue: 'q',
      event,
      start: { machine: 'toy', input: { n: 0 } },
    })

  let inboxN = 0
  const send = (actor: string, event: { type: string; [key: string]: string }) => {
    inboxN += 1
    return given.store.enqueue({ id: `in-${inboxN}`, actor, queue: 'q', event, start: null })
  }

  const snapshotOf = async (actor: string) =>
    (await given.store.loadActor(actor))?.snapshot as
      | { value: unknown; context: Record<string, unknown> }
      | undefined
  const stateOf = async (actor: string) => (await snapshotOf(actor))?.value
  const contextOf = async (actor: string) => (await snapshotOf(actor))?.context

  return Object.assign(given, { makeHost, start, send, stateOf, contextOf })
}

/** Turns until there is nothing to do, leaving effects in flight alone. */
export const settle = async (host: Host): Promise<void> => {
  for (let step = await host.step(); step.worked; step = await host.step());
}

/** Lets the promises of an effect that was just answered run, then the turns they cause. */
export const answered = async (host: Host, isThere: () => boolean): Promise<void> => {
  await until(async () => {
    await settle(host)
    return isThere()
  })
}
