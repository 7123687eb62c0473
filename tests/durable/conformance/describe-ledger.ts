import { describe, expect, it } from 'vitest'
import type { SpendEntry } from '../../../src/contracts/spend.ts'
import { spendOf } from '../support.ts'
import type { StoreGiven } from './store-given.ts'

/** What is reserved, settled and concluded. */
export const describeLedger = (given: StoreGiven): void => {
  describe('the ledger', () => {
    const DAY_MS = 86_400_000
    const read = (task: string | null = null) =>
      given.store.readSpend({
        now: given.clock.now(),
        windowMs: DAY_MS,
        task,
        latestOf: { agent: 'a', lane: 'goal', limit: 2 },
      })
    const reserve = async (id: string, of: Partial<SpendEntry> = {}) => {
      const { version } = await read()
      return given.store.reserveSpend(spendOf(id, { startedAt: given.clock.now(), ...of }), version, 'w')
    }
    const settled = {
      tokens: 5,
      usdMicros: 7,
      coveredUsdMicros: 0,
      estimated: false,
      uncounted: false,
      ending: 'completed',
      signal: null,
    } as const
    const settle = (id: string) => given.store.settleSpend(id, settled, given.clock.now(), 'w')

    it('takes a reservation only while nothing of it has changed', async () => {
      const { version } = await read()
      expect(await given.store.reserveSpend(spendOf('att-1'), version, 'w')).toMatchObject({
        ok: true,
        repeated: false,
      })
      expect(await given.store.reserveSpend(spendOf('att-2'), version, 'w')).toEqual({
        ok: false,
        reason: 'version',
      })
      const again = spendOf('att-1', { agent: 'other' })
      expect(await given.store.reserveSpend(again, version, 'w')).toEqual({
        ok: true,
        repeated: true,
        entry: spendOf('att-1'),
      })
      const later = (await read()).version
      expect(await settle('att-1')).toBe(true)
      expect(await given.store.reserveSpend(spendOf('att-2'), later, 'w')).toEqual({
        ok: false,
        reason: 'version',
      })
    })

    it('settles and concludes once, in that order', async () => {
      await reserve('att-1')
      const done = {
        result: 'succeeded',
        fruitless: false,
        retryAtMs: null,
        turnedAway: false,
        erosion: 0,
      } as const
      expect(await given.store.concludeSpend('att-1', done, 'w')).toBe(false)
      expect(await settle('att-1')).toBe(true)
      expect(await settle('att-1')).toBe(false)
      expect(await given.store.concludeSpend('att-1', done, 'w')).toBe(true)
      expect(await given.store.concludeSpend('att-1', { ...done, fruitless: true }, 'w')).toBe(false)
      expect(await settle('att-none')).toBe(false)
      expect(await given.store.getSpend('att-1')).toMatchObject({
        settled,
        conclusion: done,
        endedAt: given.clock.now(),
      })
      expect(await given.store.getSpend('att-none')).toBeNull()
    })

    it('shows what is open, what ended within the window, and all of a task', async () => {
      for (const id of ['att-old', 'att-task', 'att-open', 'att-new'])
        await reserve(id, id === 'att-task' ? { task: 'task-t' as SpendEntry['task'] } : {})
      for (const id of ['att-old', 'att-task']) await settle(id)
      given.clock.advance(DAY_MS)
      await settle('att-new')
      const idsOf = async (task: string | null) => (await read(task)).entries.map(({ id }) => id)
      expect(await idsOf(null)).toEqual(['att-open', 'att-new'])
      expect(await idsOf('task-t')).toEqual(['att-task', 'att-open', 'att-new'])
      expect((await read()).latest.map(({ id }) => id)).toEqual(['att-new', 'att-open'])
      expect((await given.store.listSpend({ limit: 2 })).map(({ id }) => id)).toEqual(['att-old', 'att-task'])
      expect((await given.store.listSpend({ after: 'att-task', limit: 9 })).map(({ id }) => id)).toEqual([
        'att-open',
        'att-new',
      ])
    })

    it('does not care when somebody sets the clock; after a reboot the wall clock counts', async () => {
      await reserve('att-1')
      await settle('att-1')
      const count = async () => (await read()).entries.length
      given.clock.setWall(given.clock.wallMs() + 3 * DAY_MS)
      expect(await count()).toBe(1)
      given.clock.setWall(given.clock.wallMs() - 3 * DAY_MS)
      given.clock.reboot('boot-2')
      expect(await count()).toBe(1)
      given.clock.setWall(given.clock.wallMs() + DAY_MS)
      expect(await count()).toBe(0)
    })
  })
}
