import { describe, expect, it } from 'vitest'
import { ZERO_HASH } from '../../../src/durable/event-bytes.ts'
import { commitOf } from '../support.ts'
import type { StoreGiven } from './store-given.ts'

/** Events that belong to no actor. */
export const describeStreams = (given: StoreGiven): void => {
  const { a, claim } = given
  describe('streams', () => {
    it('take events of lanes, gap-free per writer across streams', async () => {
      await given.store.appendLaneEvent('lane-goal', 'w', 'started', { pid: 1 })
      await given.store.appendLaneEvent('lane-test', 'w', 'started', null)
      const head = await given.store.appendLaneEvent('lane-goal', 'w', 'claimed', { task: 't' })
      const events = await given.store.readStream('lane-goal', 1)
      expect(events.map((event) => [event.seq, event.writerSeq])).toEqual([
        [1, 1],
        [2, 3],
      ])
      expect(events[1]?.prev).toBe(events[0]?.hash)
      expect(head).toEqual({ stream: 'lane-goal', version: 2, hash: events[1]?.hash })
      expect(await given.store.readStream('lane-goal', 2)).toHaveLength(1)
      await claim('x')
      await given.store.commit(commitOf(a, 1, { actor: 'x' }))
      await expect(given.store.appendLaneEvent('x', 'w', 'said', null)).rejects.toThrow(/belongs to an actor/)
      expect(await given.store.head('lane-none')).toEqual({
        stream: 'lane-none',
        version: 0,
        hash: ZERO_HASH,
      })
    })
  })
}
