import { describe, expect, it } from 'vitest'
import { EffectFailure } from '../../src/durable/effect.ts'
import { START_EVENT } from '../../src/durable/start-event.ts'
import { until } from '../support/until.ts'
import { answered, hostGiven, settle } from './host-given.ts'
import { noteEffect, workEffect } from './toy-machine.ts'

const given = hostGiven()
const { makeHost, start, send, stateOf, contextOf } = given

describe('failures', () => {
  const run = async (error: unknown): Promise<Record<string, unknown> | undefined> => {
    const host = makeHost('a')
    await start('t1')
    await send('t1', { type: 'GO' })
    await settle(host)
    given.calls[0]?.fail(error)
    await answered(host, () => given.turns.length === 3)
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
    await answered(host, () => given.turns.length === 3)
    expect(await contextOf('t1')).toMatchObject({ failure: { class: 'infra_tooling' } })
  })

  it('of a custom action are tried again with growing waits, then reported', async () => {
    given.noteFailures = 2
    const host = makeHost('a')
    await start('t1', { type: 'GO' })
    await settle(host)
    given.calls[0]?.answer('fine')
    await answered(host, () => given.reports.length === 1)
    given.clock.advance(1_000)
    await until(() => given.reports.length === 2)
    given.clock.advance(4_999)
    expect(given.notes).toEqual([])
    given.clock.advance(1)
    await answered(host, () => given.notes.length === 1)
    expect(given.reports.map((report) => report.kind)).toEqual(['effect_retried', 'effect_retried'])

    given.noteFailures = 99
    given.reports = []
    await send('t1', { type: 'GO' })
    await settle(host)
    given.calls[1]?.answer('fine')
    for (const [index, waitMs] of [1_000, 5_000, 30_000, 120_000].entries()) {
      await answered(host, () => given.reports.length === index + 1)
      given.clock.advance(waitMs)
    }
    await answered(host, () => given.reports.some((report) => report.kind === 'effect_failed'))
    expect(await given.store.unfinishedEffects('t1')).toEqual([])
  })

  it.each([
    ['throws', 'THROW', /the action threw/],
    ['breaks its context schema', 'SPOIL', /context/],
  ])('a transition that %s is refused: the state stays, the event is journaled', async (_, type, reason) => {
    const host = makeHost('a')
    await start('t1', { type: 'GO' })
    await settle(host)
    const before = await given.store.loadActor('t1')
    await send('t1', { type })
    await settle(host)
    const after = await given.store.loadActor('t1')
    expect(after).toMatchObject({ status: 'refused', snapshot: before?.snapshot, seq: 3 })
    expect(given.reports).toMatchObject([{ kind: 'refused', reason: expect.stringMatching(reason) }])
    expect((await given.store.readStream('t1', 3))[0]?.data).toMatchObject({
      refused: expect.stringMatching(reason),
    })
    given.calls[0]?.answer('still wanted')
    await answered(host, () => given.notes.length === 1)
    expect(await given.store.loadActor('t1')).toMatchObject({ status: 'active' })
  })

  it('rubbish from outside is discarded and journaled, and marks nobody', async () => {
    const host = makeHost('a')
    await start('t1')
    await settle(host)
    await send('t1', { type: 'NONSENSE' })
    await send('t1', { type: 'xstate.done.actor.work' })
    await send('nobody', { type: 'GO' })
    await start('t1', { type: START_EVENT })
    await given.store.enqueue({
      id: 'odd',
      actor: 'odd',
      queue: 'q',
      event: { type: START_EVENT },
      start: { machine: 'unknown', input: null },
    })
    await settle(host)
    expect(given.reports.map((report) => report.kind)).toEqual(Array(4).fill('discarded'))
    expect(await given.store.head('inbox/q')).toMatchObject({ version: 4 })
    expect(await given.store.loadActor('t1')).toMatchObject({ status: 'active', seq: 1 })
    expect(await given.store.leaseOf('nobody')).toBeNull()
  })
})
