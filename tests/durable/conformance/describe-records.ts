import { describe, expect, it } from 'vitest'
import { recordOf } from '../support.ts'
import type { StoreGiven } from './store-given.ts'

/** Rows with a state: put by compare-and-set, taken by rank. */
export const describeRecords = (given: StoreGiven): void => {
  const { a, b, claim } = given
  describe('records', () => {
    it('are put by compare-and-set, and a repeated key is the same write', async () => {
      expect(await given.store.put(recordOf('t1'))).toEqual({ ok: true, version: 1, repeated: false })
      expect(await given.store.put(recordOf('t1'))).toEqual({ ok: true, version: 1, repeated: true })
      const stale = await given.store.put(recordOf('t1', { key: 'other' }))
      expect(stale).toMatchObject({ ok: false, reason: 'version', current: { id: 't1', version: 1 } })
      const moved = recordOf('t1', { key: 'move', expectedVersion: 1, state: 'Done' })
      expect(await given.store.put(moved)).toEqual({ ok: true, version: 2, repeated: false })
      expect(await given.store.get('task', 't1')).toMatchObject({ state: 'Done', version: 2 })
      expect(await given.store.readStream('record/task/t1', 1)).toHaveLength(2)
    })

    it('are fenced by the lease of the actor that writes them', async () => {
      const token = await claim('x')
      const fence = { actor: 'x', token }
      given.proof = 'dead'
      await claim('x', b)
      expect(await given.store.put(recordOf('t1', { fence }))).toEqual({
        ok: false,
        reason: 'fence',
        current: null,
      })
      expect((await given.store.put(recordOf('t1', { fence: { actor: 'x', token: 2 } }))).ok).toBe(true)
    })

    it('are listed by rank, age and id, page by page', async () => {
      const order = [
        ['d', 2, 1],
        ['b', 1, 2],
        ['a', 1, 2],
        ['c', 1, 1],
      ] as const
      for (const [id, rank, createdMs] of order) await given.store.put(recordOf(id, { rank, createdMs }))
      await given.store.put(recordOf('z', { state: 'Done', rank: 0 }))
      const first = await given.store.list({ kind: 'task', queue: 'goal', state: 'Ready', limit: 2 })
      expect(first.map((row) => row.id)).toEqual(['c', 'a'])
      const last = first[1]
      if (last === undefined) throw new Error('unreachable')
      const rest = await given.store.list({ kind: 'task', state: 'Ready', after: last, limit: 9 })
      expect(rest.map((row) => row.id)).toEqual(['b', 'd'])
      expect(await given.store.count({ kind: 'task', queue: 'goal' })).toBe(5)
      expect(await given.store.count({ kind: 'task', state: 'Ready' })).toBe(4)
      expect(await given.store.list({ kind: 'pull', limit: 9 })).toEqual([])
    })

    const take = (from = 'Ready') =>
      given.store.takeRecord({
        kind: 'task',
        queue: 'goal',
        fromState: from,
        toState: 'Running',
        patch: { state: 'Running' },
        event: 'task.claimed',
        writer: 'inc-a',
        start: {
          queue: 'goal',
          event: { type: 'CLAIMED' },
          machine: 'task',
          input: { lane: 'goal' },
          recordKey: 'spec',
          recordField: 'spec',
        },
      })

    it('are taken by rank, then age, each once, and their actor is told in the same transaction', async () => {
      await given.store.put(recordOf('late', { createdMs: 5 }))
      await given.store.put(recordOf('urgent', { rank: 0, createdMs: 9 }))
      await given.store.put(recordOf('early', { createdMs: 4 }))
      expect(await take()).toMatchObject({
        id: 'urgent',
        version: 2,
        state: 'Running',
        value: { state: 'Running', spec: { id: 'urgent' } },
      })
      expect(await take()).toMatchObject({ id: 'early' })
      expect(await take()).toMatchObject({ id: 'late' })
      expect(await take()).toBeNull()
      await claim('urgent')
      expect((await given.store.due('goal', a.incarnation, given.clock.now(), 9)).inbox).toEqual([
        {
          id: 'take/task/urgent/2',
          actor: 'urgent',
          queue: 'goal',
          event: { type: 'CLAIMED' },
          start: { machine: 'task', input: { lane: 'goal', spec: { id: 'urgent' } } },
        },
      ])
    })

    it('wait until everything they need is in the wanted state', async () => {
      const needs = { ids: ['base', 'unborn'], state: 'Done' }
      await given.store.put({ ...recordOf('first', { rank: 0 }), needs })
      await given.store.put(recordOf('base', { state: 'Review' }))
      expect(await take()).toBeNull()
      const done = { state: 'Done', expectedVersion: 1 }
      await given.store.put(recordOf('base', { ...done, key: 'k1' }))
      expect(await take()).toBeNull()
      await given.store.put(recordOf('unborn', { state: 'Done' }))
      await given.store.put(recordOf('base', { state: 'Review', expectedVersion: 2, key: 'k2' }))
      expect(await take()).toBeNull()
      await given.store.put(recordOf('base', { state: 'Done', expectedVersion: 3, key: 'k3' }))
      expect(await take()).toMatchObject({ id: 'first' })
    })
  })
}
