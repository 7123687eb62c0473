import { describe, expect, it } from 'vitest'
import { commitOf, inboxOf } from '../support.ts'
import type { StoreGiven } from './store-given.ts'

/** Events that wait for their actor. */
export const describeInbox = (given: StoreGiven): void => {
  const { a, b, claim } = given
  describe('inbox', () => {
    it('takes an event once, whoever repeats it, also after it was consumed', async () => {
      const token = await claim('x')
      const row = inboxOf('i', 'x', { event: { type: 'GO', by: 'ann' } })
      expect(await given.store.enqueue(row)).toEqual({ isNew: true })
      expect(await given.store.enqueue({ ...row, event: { type: 'OTHER' } })).toEqual({ isNew: false })
      expect((await given.store.due('goal', a.incarnation, given.clock.now(), 10)).inbox).toEqual([row])
      await given.store.commit(commitOf(a, token, { actor: 'x', consumeInbox: ['i'] }))
      expect(await given.store.enqueue(row)).toEqual({ isNew: false })
      expect((await given.store.due('goal', a.incarnation, given.clock.now(), 10)).inbox).toEqual([])
    })

    it('shows events in the order they came, and names actors that nobody holds', async () => {
      await claim('x')
      for (const id of ['3', '1', '2']) await given.store.enqueue(inboxOf(id, 'x'))
      await given.store.enqueue(inboxOf('4', 'nobody'))
      const due = await given.store.due('goal', a.incarnation, given.clock.now(), 10)
      expect(due.inbox.map((row) => row.id)).toEqual(['3', '1', '2'])
      expect(due.unclaimed).toEqual(['nobody'])
      expect((await given.store.due('goal', b.incarnation, given.clock.now(), 10)).inbox).toEqual([])
    })

    it('names what waits for one actor, oldest first, until it is handled', async () => {
      const token = await claim('x')
      for (const id of ['2', '1']) await given.store.enqueue(inboxOf(id, 'x'))
      await given.store.enqueue(inboxOf('3', 'y'))
      const waiting = async (queue: string) =>
        (await given.store.waitingEvents({ id: 'x', queue })).map(({ id }) => id)
      expect(await waiting('goal')).toEqual(['2', '1'])
      expect(await waiting('test')).toEqual([])
      await given.store.commit(commitOf(a, token, { actor: 'x', consumeInbox: ['2'] }))
      expect(await waiting('goal')).toEqual(['1'])
      await given.store.discard('1', 'for the test', 'inc-a')
      expect(await waiting('goal')).toEqual([])
    })

    it('journals what it discards', async () => {
      await given.store.enqueue(inboxOf('i', 'x'))
      expect(await given.store.discard('i', 'no such actor', 'inc-a')).toBe(true)
      expect(await given.store.discard('i', 'no such actor', 'inc-a')).toBe(false)
      expect(await given.store.readStream('inbox/goal', 1)).toMatchObject([
        { type: 'inbox.discarded', data: { row: 'i', actor: 'x', reason: 'no such actor' } },
      ])
    })
  })
}
