import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Owner } from '../../src/contracts/store.ts'
import { defineMachine, type MachineDefinition } from '../../src/durable/define-machine.ts'
import { type EffectContext, type EffectDefinition, EffectFailure } from '../../src/durable/effect.ts'
import { createHost, type Host, type Turn } from '../../src/durable/host.ts'
import type { HostReport } from '../../src/durable/host-report.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import { START_EVENT } from '../../src/durable/start-event.ts'
import type { OwnerProof, Store } from '../../src/durable/store.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { type ManualClock, manualClock, ownerNamed } from './support.ts'
import { noteEffect, pairDefinition, toyDefinition, workEffect } from './toy-machine.ts'

interface Call {
  readonly context: EffectContext
  readonly n: number
  answer(value: string): void
  fail(error: unknown): void
}

let store: Store
let clock: ManualClock
let proof: OwnerProof
let calls: Call[]
let notes: string[]
let noteFailures: number
let turns: Turn[]
let reports: HostReport[]
let woken: string[]
let reaped: Owner[]
let inboxN = 0

/** The toy's effect `work`, which ends when the test says so. */
const heldWork = workEffect(
  (context, { n }) =>
    new Promise((answer, fail) => {
      calls.push({ context, n, answer, fail })
    }),
)

const makeHost = (
  name: string,
  given: { machines?: MachineDefinition[]; effects?: EffectDefinition[]; store?: Store } = {},
): Host =>
  createHost({
    store: given.store ?? store,
    owner: ownerNamed(name),
    queue: 'q',
    machines: given.machines ?? [defineMachine(toyDefinition)],
    effects: given.effects ?? [
      heldWork,
      noteEffect(async (text) => {
        if (noteFailures > 0) {
          noteFailures -= 1
          throw new Error('the wall is wet')
        }
        notes.push(text)
      }),
    ],
    clock,
    wake: (queue) => void woken.push(queue),
    onTurn: (turn) => void turns.push(turn),
    report: (report) => void reports.push(report),
    reap: async (owner) => void reaped.push(owner),
  })

/** Turns until there is nothing to do, leaving effects in flight alone. */
const settle = async (host: Host): Promise<void> => {
  for (let step = await host.step(); step.worked; step = await host.step());
}

/** Lets the promises of an effect that was just answered run, then the turns they cause. */
const answered = async (host: Host, isThere: () => boolean): Promise<void> => {
  await until(async () => {
    await settle(host)
    return isThere()
  })
}

const start = (actor: string, event: { type: string } = { type: START_EVENT }) =>
  store.enqueue({
    id: `start/${actor}/${event.type}`,
    actor,
    queue: 'q',
    event,
    start: { machine: 'toy', input: { n: 0 } },
  })

const send = (actor: string, event: { type: string; [key: string]: string }) => {
  inboxN += 1
  return store.enqueue({ id: `in-${inboxN}`, actor, queue: 'q', event, start: null })
}

const stateOf = async (actor: string): Promise<unknown> =>
  ((await store.loadActor(actor))?.snapshot as { value: unknown } | undefined)?.value
const contextOf = async (actor: string): Promise<Record<string, unknown> | undefined> =>
  ((await store.loadActor(actor))?.snapshot as { context: Record<string, unknown> } | undefined)?.context

beforeEach(async () => {
  calls = []
  notes = []
  noteFailures = 0
  turns = []
  reports = []
  woken = []
  reaped = []
  proof = 'alive'
  clock = manualClock()
  store = await openSqliteStore({
    path: join(makeTempDir('host'), 'journal.db'),
    clock,
    prove: () => proof,
  })
})
afterEach(() => store.close())

describe('a turn', () => {
  it('is one event and one commit, and no effect begins before it is committed', async () => {
    const host = makeHost('a')
    await start('t1')
    await send('t1', { type: 'GO' })
    expect((await host.step()).worked).toBe(true)
    expect(await store.loadActor('t1')).toBeNull()
    await host.step()
    expect(await stateOf('t1')).toBe('idle')
    expect(calls).toEqual([])
    await host.step()
    expect(calls.map((call) => call.context.effectId)).toEqual(['t1/2/work'])
    expect(await host.step()).toMatchObject({ worked: false, nextTimer: { monoMs: clock.monoMs() + 60_000 } })
    expect(turns.map((turn) => [turn.event, turn.seq, turn.value])).toEqual([
      [START_EVENT, 1, 'idle'],
      ['GO', 2, 'working'],
    ])
  })

  it('carries time and randomness into the event, and journals both', async () => {
    const host = makeHost('a')
    await start('t1')
    await settle(host)
    expect(await contextOf('t1')).toMatchObject({ at: clock.wallMs() })
    clock.advance(5_000)
    await send('t1', { type: 'GO' })
    await settle(host)
    expect(await contextOf('t1')).toMatchObject({ at: clock.wallMs() })
    const [created, gone] = await store.readStream('t1', 1)
    expect(created?.data).toMatchObject({ input: { n: 0, nonce: expect.stringMatching(/^[0-9a-f]{32}$/) } })
    expect(gone?.data).toMatchObject({ event: { type: 'GO', nowMs: clock.wallMs() }, value: 'working' })
  })

  it('turns a result into done, performs custom actions, and ends in done with the lease given back', async () => {
    const host = makeHost('a')
    await start('t1')
    await send('t1', { type: 'GO' })
    await settle(host)
    calls[0]?.answer('fine')
    await answered(host, () => notes.length === 1)
    expect(await contextOf('t1')).toMatchObject({ result: 'fine' })
    expect(notes).toEqual(['worked 1'])
    expect(woken).toContain('q')
    await answered(host, () => host.running().length === 0)
    await send('t1', { type: 'FINISH' })
    await settle(host)
    expect(await store.loadActor('t1')).toMatchObject({ status: 'done' })
    expect(await store.leaseOf('t1')).toBeNull()
    expect(await store.unfinishedEffects('t1')).toEqual([])
  })

  it('delivers a start row that carries an event after the start, also to an actor that exists', async () => {
    const host = makeHost('a')
    await start('t1', { type: 'GO' })
    await settle(host)
    expect(await stateOf('t1')).toBe('working')
    await start('t2')
    await settle(host)
    await start('t2', { type: 'GO' })
    await settle(host)
    expect(await stateOf('t2')).toBe('working')
  })

  it('carries out send and startActor in its own transaction', async () => {
    const host = makeHost('a')
    await start('t1')
    await settle(host)
    await send('t1', { type: 'HIRE', id: 't2' })
    await settle(host)
    expect(await contextOf('t2')).toMatchObject({ n: 7 })
    await send('t1', { type: 'TELL', to: 't2' })
    await settle(host)
    expect(await stateOf('t2')).toBe('working')
    const [, , event] = await store.readStream('t2', 0).then((events) => [null, ...events])
    expect(event?.data).toMatchObject({ source: { kind: 'inbox', id: 't1/3/0' } })
  })
})

describe('fencing by our own effect ids', () => {
  const working = async (host: Host): Promise<void> => {
    await start('t1')
    await send('t1', { type: 'GO' })
    await settle(host)
  }

  it('gives a re-entered state a new effect and timer, and drops the old entry’s result', async () => {
    const host = makeHost('a')
    await working(host)
    await send('t1', { type: 'AGAIN' })
    await settle(host)
    expect(calls.map((call) => call.context.effectId)).toEqual(['t1/2/work', 't1/4/work'])
    expect(calls[0]?.context.signal.reason).toBe('cancelled')
    calls[0]?.answer('from the old entry')
    calls[1]?.answer('from the new entry')
    await answered(host, () => notes.length === 1)
    expect(await contextOf('t1')).toMatchObject({ result: 'from the new entry', n: 2 })
    expect(await store.pendingTimers('t1')).toEqual([])
  })

  it('runs parallel regions side by side, and drops a result in memory whose state another result left', async () => {
    const both = () => makeHost('a', { machines: [defineMachine(pairDefinition)] })
    const host = both()
    await store.enqueue({
      id: 's',
      actor: 'p1',
      queue: 'q',
      event: { type: START_EVENT },
      start: { machine: 'pair', input: null },
    })
    await settle(host)
    expect(calls.map((call) => call.context.effectId)).toEqual(['p1/1/left', 'p1/2/right'])
    calls[1]?.answer('right')
    await answered(host, () => turns.length === 2)
    expect(await stateOf('p1')).toEqual({ both: { left: 'busy', right: 'ready' } })
    await send('p1', { type: 'RESTART' })
    await settle(host)
    expect(calls.slice(2).map((call) => call.context.effectId)).toEqual(['p1/3/left', 'p1/4/right'])
    calls[2]?.fail(new Error('left failed'))
    calls[3]?.answer('right again')
    await until(() => woken.length === 3)
    await settle(host)
    expect(await stateOf('p1')).toBe('failed')
    expect(reports).toMatchObject([{ kind: 'late_result', subject: 'p1/4/right' }])
    expect((await store.loadActor('p1'))?.seq).toBe(4)
  })

  it('fires a timer once, at its time, and cancels the invoke with the state', async () => {
    const host = makeHost('a')
    await working(host)
    clock.advance(59_999)
    await settle(host)
    expect(await stateOf('t1')).toBe('working')
    clock.advance(1)
    await settle(host)
    expect(await stateOf('t1')).toBe('idle')
    expect(calls[0]?.context.signal.reason).toBe('cancelled')
    expect(host.running()).toEqual([])
    expect(await store.unfinishedEffects('t1')).toEqual([])
  })
})

describe('failures', () => {
  const run = async (error: unknown): Promise<Record<string, unknown> | undefined> => {
    const host = makeHost('a')
    await start('t1')
    await send('t1', { type: 'GO' })
    await settle(host)
    calls[0]?.fail(error)
    await answered(host, () => turns.length === 3)
    expect(await stateOf('t1')).toBe('idle')
    return contextOf('t1')
  }

  it('reach the machine by class', async () => {
    const error = new EffectFailure({ class: 'publish_failed', reason: 'refused', excerpt: 'no' })
    expect(await run(error)).toMatchObject({
      failure: { class: 'publish_failed', reason: 'refused', excerpt: 'no' },
    })
  })

  it('become infra_tooling where nobody classed them', async () => {
    expect(await run(new Error('x'.repeat(5_000)))).toMatchObject({
      failure: { class: 'infra_tooling', reason: 'x'.repeat(2_000) },
    })
  })

  it('include an output that breaks the effect’s own schema', async () => {
    const host = makeHost('a', {
      effects: [workEffect(async () => 42 as unknown as string), noteEffect(async () => {})],
    })
    await start('t1', { type: 'GO' })
    await answered(host, () => turns.length === 3)
    expect(await contextOf('t1')).toMatchObject({ failure: { class: 'infra_tooling' } })
  })

  it('of a custom action are tried again with growing waits, then reported', async () => {
    noteFailures = 2
    const host = makeHost('a')
    await start('t1', { type: 'GO' })
    await settle(host)
    calls[0]?.answer('fine')
    await answered(host, () => reports.length === 1)
    clock.advance(1_000)
    await until(() => reports.length === 2)
    clock.advance(4_999)
    expect(notes).toEqual([])
    clock.advance(1)
    await answered(host, () => notes.length === 1)
    expect(reports.map((report) => report.kind)).toEqual(['effect_retried', 'effect_retried'])

    noteFailures = 99
    reports = []
    await send('t1', { type: 'GO' })
    await settle(host)
    calls[1]?.answer('fine')
    for (const [index, waitMs] of [1_000, 5_000, 30_000, 120_000].entries()) {
      await answered(host, () => reports.length === index + 1)
      clock.advance(waitMs)
    }
    await answered(host, () => reports.some((report) => report.kind === 'effect_failed'))
    expect(await store.unfinishedEffects('t1')).toEqual([])
  })

  it.each([
    ['throws', 'THROW', /the action threw/],
    ['breaks its context schema', 'SPOIL', /context/],
  ])('a transition that %s is refused: the state stays, the event is journaled', async (_, type, reason) => {
    const host = makeHost('a')
    await start('t1', { type: 'GO' })
    await settle(host)
    const before = await store.loadActor('t1')
    await send('t1', { type })
    await settle(host)
    const after = await store.loadActor('t1')
    expect(after).toMatchObject({ status: 'refused', snapshot: before?.snapshot, seq: 3 })
    expect(reports).toMatchObject([{ kind: 'refused', reason: expect.stringMatching(reason) }])
    expect((await store.readStream('t1', 3))[0]?.data).toMatchObject({
      refused: expect.stringMatching(reason),
    })
    calls[0]?.answer('still wanted')
    await answered(host, () => notes.length === 1)
    expect(await store.loadActor('t1')).toMatchObject({ status: 'active' })
  })

  it('rubbish from outside is discarded and journaled, and marks nobody', async () => {
    const host = makeHost('a')
    await start('t1')
    await settle(host)
    await send('t1', { type: 'NONSENSE' })
    await send('t1', { type: 'xstate.done.actor.work' })
    await send('nobody', { type: 'GO' })
    await start('t1', { type: START_EVENT })
    await store.enqueue({
      id: 'odd',
      actor: 'odd',
      queue: 'q',
      event: { type: START_EVENT },
      start: { machine: 'unknown', input: null },
    })
    await settle(host)
    expect(reports.map((report) => report.kind)).toEqual(Array(4).fill('discarded'))
    expect(await store.head('inbox/q')).toMatchObject({ version: 4 })
    expect(await store.loadActor('t1')).toMatchObject({ status: 'active', seq: 1 })
    expect(await store.leaseOf('nobody')).toBeNull()
  })
})

describe('another life', () => {
  const begin = async (): Promise<Host> => {
    const first = makeHost('a')
    await start('t1', { type: 'GO' })
    await settle(first)
    return first
  }

  it('takes nothing from an owner that lives', async () => {
    await begin()
    const second = makeHost('b')
    expect(await second.recover()).toEqual({ claimed: [], reaped: [] })
    expect(await second.step()).toMatchObject({ worked: false })
  })

  it('reaps a dead owner, reconciles its effects first, and performs what did not happen', async () => {
    await begin()
    proof = 'dead'
    const second = makeHost('b')
    expect(await second.recover()).toEqual({ claimed: ['t1'], reaped: [ownerNamed('a')] })
    expect(reaped).toEqual([ownerNamed('a')])
    await until(() => calls.length === 2)
    expect(calls[1]?.context).toMatchObject({ effectId: 't1/2/work', fence: { token: 2 } })
    calls[1]?.answer('second try')
    await answered(second, () => notes.length === 1)
    expect(await contextOf('t1')).toMatchObject({ result: 'second try' })
  })

  it('does not perform again what the outside says happened', async () => {
    await begin()
    proof = 'dead'
    const asked: string[] = []
    const second = makeHost('b', {
      effects: [
        workEffect(
          async () => 'performed again',
          async (context) => {
            asked.push(context.effectId)
            return { happened: true, output: 'it was done' }
          },
        ),
        noteEffect(async () => {}),
      ],
    })
    await second.recover()
    await answered(second, () => turns.some((turn) => turn.event === 'xstate.done.actor.work'))
    expect(asked).toEqual(['t1/2/work'])
    expect(await contextOf('t1')).toMatchObject({ result: 'it was done' })
  })

  it('silences the old owner: fence, commit and results', async () => {
    const first = await begin()
    proof = 'dead'
    await makeHost('b').recover()
    await expect(calls[0]?.context.fence.check()).rejects.toThrow(/taken over/)
    calls[0]?.answer('too late')
    await answered(first, () => reports.some((report) => report.kind === 'stale_owner'))
    expect(await contextOf('t1')).toMatchObject({ result: null })
    expect(first.running()).toEqual([])
  })

  it('drops an actor silently when its effect finds the lease lost', async () => {
    const first = await begin()
    proof = 'dead'
    await makeHost('b').recover()
    await calls[0]?.context.fence.check().catch((error: unknown) => calls[0]?.fail(error))
    await until(() => reports.some((report) => report.kind === 'stale_owner'))
    expect(first.running()).toEqual([])
    expect((await store.loadActor('t1'))?.seq).toBe(2)
  })

  it('after a clean stop finds the leases free and the effects unfinished', async () => {
    const first = await begin()
    const stopping = first.stop({ graceMs: 1_000 })
    expect(calls[0]?.context.signal.reason).toBe('shutdown')
    calls[0]?.fail(new Error('stopped'))
    await stopping
    expect(await store.leaseOf('t1')).toBeNull()
    expect(await store.unfinishedEffects('t1')).toHaveLength(1)
    const second = makeHost('b')
    expect(await second.recover()).toEqual({ claimed: ['t1'], reaped: [] })
    await until(() => calls.length === 2)
  })

  it('commits a result that comes in during the stop', async () => {
    const first = await begin()
    const stopping = first.stop({ graceMs: 5_000 })
    calls[0]?.answer('just in time')
    await stopping
    expect(await contextOf('t1')).toMatchObject({ result: 'just in time' })
    expect(await store.leaseOf('t1')).toBeNull()
  })
})

describe('versions', () => {
  const versioned = (version: number, migrations?: MachineDefinition['migrations']): MachineDefinition =>
    defineMachine({ ...toyDefinition, version, ...(migrations === undefined ? {} : { migrations }) })

  it('lifts a stored actor, its effects and timers, as a turn of its own', async () => {
    const old = makeHost('a')
    await start('t1', { type: 'GO' })
    await settle(old)
    await old.stop({ graceMs: 0 })
    const lifted = versioned(2, {
      1: (stored) => ({
        ...stored,
        snapshot: { ...(stored.snapshot as object), value: 'idle', children: {} },
        effects: [],
        timers: [],
      }),
    })
    const host = makeHost('b', { machines: [lifted] })
    await host.recover()
    await send('t1', { type: 'STOP' })
    await settle(host)
    expect(await store.loadActor('t1')).toMatchObject({ machineVersion: 2, seq: 4 })
    expect(await stateOf('t1')).toBe('idle')
    expect(await store.unfinishedEffects('t1')).toEqual([])
    expect(await store.pendingTimers('t1')).toEqual([])
    expect((await store.readStream('t1', 3))[0]).toMatchObject({
      type: 'machine.migrated',
      data: { from: 1, to: 2 },
    })
  })

  it.each([
    ['has no migration', 1, 2, /no migration from version 1/],
    ['is newer than this code', 2, 1, /written by version 2/],
  ])('leaves an actor alone that %s', async (_, stored, running, reason) => {
    const old = makeHost('a', { machines: [versioned(stored)] })
    await start('t1')
    await settle(old)
    await old.stop({ graceMs: 0 })
    const host = makeHost('b', { machines: [versioned(running)] })
    await send('t1', { type: 'GO' })
    await start('t2')
    await host.recover()
    await settle(host)
    expect(reports).toMatchObject([{ kind: 'unloadable', reason: expect.stringMatching(reason) }])
    expect(await store.loadActor('t1')).toMatchObject({ machineVersion: stored, seq: 1 })
    expect(await stateOf('t2')).toBe('idle')
  })
})
