import { beforeEach, describe, expect, it } from 'vitest'
import { commitOf, timerOf } from '../support.ts'
import type { StoreGiven } from './store-given.ts'

/** What comes due, by which clock. */
export const describeTimers = (given: StoreGiven): void => {
  const { a, b, claim } = given
  describe('timers', () => {
    const dueIds = async (): Promise<string[]> =>
      (await given.store.due('goal', a.incarnation, given.clock.now(), 10)).timers.map((timer) => timer.id)

    beforeEach(async () => {
      const token = await claim('x')
      const newTimers = [timerOf('late', 'x', given.clock, 2_000), timerOf('soon', 'x', given.clock, 1_000)]
      await given.store.commit(commitOf(a, token, { actor: 'x', newTimers }))
    })

    it('come due in order, and say when the next one does', async () => {
      expect(await dueIds()).toEqual([])
      expect((await given.store.due('goal', a.incarnation, given.clock.now(), 10)).nextTimer).toEqual(
        timerOf('soon', 'x', given.clock, 1_000).due,
      )
      given.clock.advance(1_000)
      expect(await dueIds()).toEqual(['soon'])
      given.clock.advance(1_000)
      expect(await dueIds()).toEqual(['soon', 'late'])
      expect((await given.store.due('goal', b.incarnation, given.clock.now(), 10)).timers).toEqual([])
    })

    it('do not care when somebody sets the clock, back or forward', async () => {
      given.clock.setWall(given.clock.wallMs() + 10_000_000)
      expect(await dueIds()).toEqual([])
      given.clock.setWall(0)
      given.clock.advance(1_000)
      expect(await dueIds()).toEqual(['soon'])
    })

    it('go by the wall clock after a reboot', async () => {
      given.clock.reboot('boot-2')
      expect(await dueIds()).toEqual([])
      expect((await given.store.due('goal', a.incarnation, given.clock.now(), 10)).nextTimer).not.toBeNull()
      given.clock.advance(1_500)
      expect(await dueIds()).toEqual(['soon'])
    })

    it('count once, and are gone when cancelled', async () => {
      given.clock.advance(5_000)
      const fire = commitOf(a, 1, {
        actor: 'x',
        expectedSeq: 1,
        consumeTimers: ['soon'],
        cancelTimers: ['late'],
      })
      expect((await given.store.commit(fire)).ok).toBe(true)
      expect(await given.store.commit({ ...fire, expectedSeq: 2 })).toEqual({ ok: false, reason: 'version' })
      expect(await given.store.pendingTimers('x')).toEqual([])
    })
  })
}
