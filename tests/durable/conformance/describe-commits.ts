import { describe, expect, it } from 'vitest'
import { ZERO_HASH } from '../../../src/durable/event-bytes.ts'
import { commitOf, effectOf, inboxOf, timerOf } from '../support.ts'
import type { StoreGiven } from './store-given.ts'

/** A turn is written whole, once, by who holds the actor. */
export const describeCommits = (given: StoreGiven): void => {
  const { a, b, claim } = given
  describe('commit', () => {
    it('appends one event, and refuses a second one for the same version', async () => {
      const token = await claim('x')
      const first = await given.store.commit(commitOf(a, token, { actor: 'x' }))
      expect(first).toMatchObject({ ok: true, seq: 1 })
      expect(await given.store.commit(commitOf(a, token, { actor: 'x' }))).toEqual({
        ok: false,
        reason: 'version',
      })
      expect(await given.store.head('x')).toEqual({
        stream: 'x',
        version: 1,
        hash: first.ok ? first.head : '',
      })
      const [event] = await given.store.readStream('x', 1)
      expect(event).toMatchObject({ seq: 1, prev: ZERO_HASH, writer: 'inc-a', writerSeq: 1, type: 'E' })
      expect(await given.store.loadActor('x')).toMatchObject({
        seq: 1,
        status: 'active',
        snapshot: { value: 'a' },
      })
    })

    it('refuses an owner whose lease was taken over, and writes nothing of it', async () => {
      const stale = await claim('x')
      given.proof = 'dead'
      const token = await claim('x', b)
      const late = commitOf(a, stale, { actor: 'x', newTimers: [timerOf('t', 'x', given.clock, 0)] })
      expect(await given.store.commit(late)).toEqual({ ok: false, reason: 'lease' })
      expect(await given.store.loadActor('x')).toBeNull()
      expect(await given.store.commit({ ...late, token, owner: b.incarnation })).toMatchObject({ ok: true })
    })

    it('settles an effect once', async () => {
      const token = await claim('x')
      await given.store.commit(commitOf(a, token, { actor: 'x', newEffects: [effectOf('x/1/work', 'x')] }))
      expect(await given.store.unfinishedEffects('x')).toEqual([effectOf('x/1/work', 'x')])
      const settle = commitOf(a, token, {
        actor: 'x',
        expectedSeq: 1,
        settleEffect: { id: 'x/1/work', outcome: { ok: true } },
      })
      expect(await given.store.commit(settle)).toMatchObject({ ok: true, seq: 2 })
      expect(await given.store.commit({ ...settle, expectedSeq: 2 })).toEqual({
        ok: false,
        reason: 'version',
      })
      expect((await given.store.head('x')).version).toBe(2)
      expect(await given.store.unfinishedEffects('x')).toEqual([])
    })

    it('rolls the whole turn back when what caused it is gone', async () => {
      const token = await claim('x')
      await given.store.commit(commitOf(a, token, { actor: 'x', newEffects: [effectOf('x/1/work', 'x')] }))
      const turn = commitOf(a, token, {
        actor: 'x',
        expectedSeq: 1,
        settleEffect: { id: 'x/1/work', outcome: null },
        consumeTimers: ['never'],
        sends: [inboxOf('s', 'y')],
      })
      expect(await given.store.commit(turn)).toEqual({ ok: false, reason: 'version' })
      expect(await given.store.unfinishedEffects('x')).toHaveLength(1)
      expect((await given.store.due('goal', a.incarnation, given.clock.now(), 10)).unclaimed).toEqual([])
    })

    it('delivers sends in the same transaction, once, to the queue of the actor', async () => {
      const token = await claim('x')
      await given.store.commit(commitOf(a, token, { actor: 'x', queue: 'goal' }))
      await claim('y')
      await given.store.commit(
        commitOf(a, 1, { actor: 'y', sends: [inboxOf('m', 'x', { queue: 'wrong' })], queue: 'test' }),
      )
      expect((await given.store.due('goal', a.incarnation, given.clock.now(), 10)).inbox).toEqual([
        inboxOf('m', 'x'),
      ])
    })
  })
}
