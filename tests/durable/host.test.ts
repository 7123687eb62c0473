import { describe, expect, it } from 'vitest'
import { defineMachine } from '../../src/durable/define-machine.ts'
import type { Host } from '../../src/durable/host.ts'
import { START_EVENT } from '../../src/durable/start-event.ts'
import { until } from '../support/until.ts'
import { answered, hostGiven, settle } from './host-given.ts'
import { pairDefinition } from './toy-machine.ts'

const given = hostGiven()
const { makeHost, start, send, stateOf, contextOf } = given

describe('a turn', () => {
  it('is one event and one commit, and no effect begins before it is committed', async () => {
    const host = makeHost('a')
    await start('t1')
    await send('t1', { type: 'GO' })
    expect((await host.step()).worked).toBe(true)
    expect(await given.store.loadActor('t1')).toBeNull()
    await host.step()
    expect(await stateOf('t1')).toBe('idle')
    expect(given.calls).toEqual([])
    await host.step()
    expect(given.calls.map((call) => call.context.effectId)).toEqual(['t1/2/work'])
    expect(await host.step()).toMatchObject({
      worked: false,
      nextTimer: { monoMs: given.clock.monoMs() + 60_000 },
    })
    expect(given.turns.map((turn) => [turn.event, turn.seq, turn.value])).toEqual([
      [START_EVENT, 1, 'idle'],
      ['GO', 2, 'working'],
    ])
  })

  it('carries time and randomness into the event, and journals both', async () => {
    const host = makeHost('a')
    await start('t1')
    await settle(host)
    expect(await contextOf('t1')).toMatchObject({ at: given.clock.wallMs() })
    given.clock.advance(5_000)
    await send('t1', { type: 'GO' })
    await settle(host)
    expect(await contextOf('t1')).toMatchObject({ at: given.clock.wallMs() })
    const [created, gone] = await given.store.readStream('t1', 1)
    expect(created?.data).toMatchObject({ input: { n: 0, nonce: expect.stringMatching(/^[0-9a-f]{32}$/) } })
    expect(gone?.data).toMatchObject({ event: { type: 'GO', nowMs: given.clock.wallMs() }, value: 'working' })
  })

  it('turns a result into done, performs custom actions, and ends in done with the lease given back', async () => {
    const host = makeHost('a')
    await start('t1')
    await send('t1', { type: 'GO' })
    await settle(host)
    given.calls[0]?.answer('fine')
    await answered(host, () => given.notes.length === 1)
    expect(await contextOf('t1')).toMatchObject({ result: 'fine' })
    expect(given.notes).toEqual(['worked 1'])
    expect(given.woken).toContain('q')
    await answered(host, () => host.running().length === 0)
    await send('t1', { type: 'FINISH' })
    await settle(host)
    expect(await given.store.loadActor('t1')).toMatchObject({ status: 'done' })
    expect(await given.store.leaseOf('t1')).toBeNull()
    expect(await given.store.unfinishedEffects('t1')).toEqual([])
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
    const [, , event] = await given.store.readStream('t2', 0).then((events) => [null, ...events])
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
    expect(given.calls.map((call) => call.context.effectId)).toEqual(['t1/2/work', 't1/4/work'])
    expect(given.calls[0]?.context.signal.reason).toBe('cancelled')
    given.calls[0]?.answer('from the old entry')
    given.calls[1]?.answer('from the new entry')
    await answered(host, () => given.notes.length === 1)
    expect(await contextOf('t1')).toMatchObject({ result: 'from the new entry', n: 2 })
    expect(await given.store.pendingTimers('t1')).toEqual([])
  })

  it('runs parallel regions side by side, and drops a result in memory whose state another result left', async () => {
    const both = () => makeHost('a', { machines: [defineMachine(pairDefinition)] })
    const host = both()
    await given.store.enqueue({
      id: 's',
      actor: 'p1',
      queue: 'q',
      event: { type: START_EVENT },
      start: { machine: 'pair', input: null },
    })
    await settle(host)
    expect(given.calls.map((call) => call.context.effectId)).toEqual(['p1/1/left', 'p1/2/right'])
    given.calls[1]?.answer('right')
    await answered(host, () => given.turns.length === 2)
    expect(await stateOf('p1')).toEqual({ both: { left: 'busy', right: 'ready' } })
    await send('p1', { type: 'RESTART' })
    await settle(host)
    expect(given.calls.slice(2).map((call) => call.context.effectId)).toEqual(['p1/3/left', 'p1/4/right'])
    given.calls[2]?.fail(new Error('left failed'))
    given.calls[3]?.answer('right again')
    await until(() => given.woken.length === 3)
    await settle(host)
    expect(await stateOf('p1')).toBe('failed')
    expect(given.reports).toMatchObject([{ kind: 'late_result', subject: 'p1/4/right' }])
    expect((await given.store.loadActor('p1'))?.seq).toBe(4)
  })

  it('fires a timer once, at its time, and cancels the invoke with the state', async () => {
    const host = makeHost('a')
    await working(host)
    given.clock.advance(59_999)
    await settle(host)
    expect(await stateOf('t1')).toBe('working')
    given.clock.advance(1)
    await settle(host)
    expect(await stateOf('t1')).toBe('idle')
    expect(given.calls[0]?.context.signal.reason).toBe('cancelled')
    expect(host.running()).toEqual([])
    expect(await given.store.unfinishedEffects('t1')).toEqual([])
  })
})
