import { describe, expect, it } from 'vitest'
import { defineMachine, type MachineDefinition } from '../../src/durable/define-machine.ts'
import type { Host } from '../../src/durable/host.ts'
import { until } from '../support/until.ts'
import { answered, hostGiven, settle } from './host-given.ts'
import { ownerNamed } from './support.ts'
import { noteEffect, toyDefinition, workEffect } from './toy-machine.ts'

const given = hostGiven()
const { makeHost, start, send, stateOf, contextOf } = given

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
    given.proof = 'dead'
    const second = makeHost('b')
    expect(await second.recover()).toEqual({ claimed: ['t1'], reaped: [ownerNamed('a')] })
    expect(given.reaped).toEqual([ownerNamed('a')])
    await until(() => given.calls.length === 2)
    expect(given.calls[1]?.context).toMatchObject({ effectId: 't1/2/work', fence: { token: 2 } })
    given.calls[1]?.answer('second try')
    await answered(second, () => given.notes.length === 1)
    expect(await contextOf('t1')).toMatchObject({ result: 'second try' })
  })

  it('does not perform again what the outside says happened', async () => {
    await begin()
    given.proof = 'dead'
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
    await answered(second, () => given.turns.some((turn) => turn.event === 'xstate.done.actor.work'))
    expect(asked).toEqual(['t1/2/work'])
    expect(await contextOf('t1')).toMatchObject({ result: 'it was done' })
  })

  it('silences the old owner: fence, commit and results', async () => {
    const first = await begin()
    given.proof = 'dead'
    await makeHost('b').recover()
    await expect(given.calls[0]?.context.fence.check()).rejects.toThrow(/taken over/)
    given.calls[0]?.answer('too late')
    await answered(first, () => given.reports.some((report) => report.kind === 'stale_owner'))
    expect(await contextOf('t1')).toMatchObject({ result: null })
    expect(first.running()).toEqual([])
  })

  it('drops an actor silently when its effect finds the lease lost', async () => {
    const first = await begin()
    given.proof = 'dead'
    await makeHost('b').recover()
    await given.calls[0]?.context.fence.check().catch((error: unknown) => given.calls[0]?.fail(error))
    await until(() => given.reports.some((report) => report.kind === 'stale_owner'))
    expect(first.running()).toEqual([])
    expect((await given.store.loadActor('t1'))?.seq).toBe(2)
  })

  it('after a clean stop finds the leases free and the effects unfinished', async () => {
    const first = await begin()
    const stopping = first.stop({ graceMs: 1_000 })
    expect(given.calls[0]?.context.signal.reason).toBe('shutdown')
    given.calls[0]?.fail(new Error('stopped'))
    await stopping
    expect(await given.store.leaseOf('t1')).toBeNull()
    expect(await given.store.unfinishedEffects('t1')).toHaveLength(1)
    const second = makeHost('b')
    expect(await second.recover()).toEqual({ claimed: ['t1'], reaped: [] })
    await until(() => given.calls.length === 2)
  })

  it('commits a result that comes in during the stop', async () => {
    const first = await begin()
    const stopping = first.stop({ graceMs: 5_000 })
    given.calls[0]?.answer('just in time')
    await stopping
    expect(await contextOf('t1')).toMatchObject({ result: 'just in time' })
    expect(await given.store.leaseOf('t1')).toBeNull()
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
    expect(await given.store.loadActor('t1')).toMatchObject({ machineVersion: 2, seq: 4 })
    expect(await stateOf('t1')).toBe('idle')
    expect(await given.store.unfinishedEffects('t1')).toEqual([])
    expect(await given.store.pendingTimers('t1')).toEqual([])
    expect((await given.store.readStream('t1', 3))[0]).toMatchObject({
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
    expect(given.reports).toMatchObject([{ kind: 'unloadable', reason: expect.stringMatching(reason) }])
    expect(await given.store.loadActor('t1')).toMatchObject({ machineVersion: stored, seq: 1 })
    expect(await stateOf('t2')).toBe('idle')
  })
})
