import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SpendEntry } from '../../src/contracts/spend.ts'
import type { Owner } from '../../src/contracts/store.ts'
import { ZERO_HASH } from '../../src/durable/event-bytes.ts'
import type { OwnerProof, Store } from '../../src/durable/store.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import {
  commitOf,
  effectOf,
  inboxOf,
  type ManualClock,
  manualClock,
  ownerNamed,
  recordOf,
  spendOf,
  timerOf,
} from './support.ts'

const TTL_MS = 60_000

/** What every store must do. `racer` is a program that claims and releases the actor `raced` of a journal. */
export const describeStore = (
  name: string,
  open: (options: {
    path: string
    clock: ManualClock
    prove: (owner: Owner) => OwnerProof
  }) => Promise<Store>,
  racer: string,
): void => {
  describe(name, () => {
    const a = ownerNamed('a')
    const b = ownerNamed('b')
    let path: string
    let clock: ManualClock
    let store: Store
    let proof: OwnerProof

    beforeEach(async () => {
      path = join(makeTempDir('store'), 'journal.db')
      clock = manualClock()
      proof = 'alive'
      store = await open({ path, clock, prove: () => proof })
    })
    afterEach(() => store.close())

    const claim = async (actor: string, owner = a): Promise<number> => {
      const claimed = await store.claim(actor, 'goal', owner, TTL_MS)
      if (!claimed.ok) throw new Error(`${actor} is held by ${claimed.holder.incarnation}`)
      return claimed.lease.token
    }

    describe('leases', () => {
      it('gives an actor to one owner, whose second claim keeps the token', async () => {
        expect(await claim('x')).toBe(1)
        expect(await claim('x')).toBe(1)
        expect(await store.claim('x', 'goal', b, TTL_MS)).toEqual({ ok: false, holder: a })
      })

      it.each([
        ['alive', false],
        ['unproven', false],
        ['dead', true],
      ] as const)('takes over from a holder that is %s: %s, expiry or not', async (judged, taken) => {
        await claim('x')
        clock.advance(TTL_MS * 100)
        proof = judged
        const result = await store.claim('x', 'goal', b, TTL_MS)
        expect(result.ok).toBe(taken)
        if (result.ok) expect(result).toMatchObject({ takenFrom: a, lease: { token: 2 } })
        expect(await store.deadHolders('goal', b)).toEqual([])
      })

      it('takes over across hosts by expiry alone, and never before', async () => {
        const far = ownerNamed('far', 'host-b')
        await claim('x')
        proof = 'dead'
        expect((await store.claim('x', 'goal', far, TTL_MS)).ok).toBe(false)
        clock.advance(TTL_MS - 1)
        await store.renew(a.incarnation, TTL_MS)
        clock.advance(TTL_MS - 1)
        expect((await store.claim('x', 'goal', far, TTL_MS)).ok).toBe(false)
        clock.advance(1)
        expect(await store.claim('x', 'goal', far, TTL_MS)).toMatchObject({ ok: true, lease: { token: 2 } })
      })

      it('raises the token with every new holder, and fences the old one', async () => {
        const first = await claim('x')
        expect(await store.checkFence('x', first)).toBe(true)
        expect(await store.release('x', first, a.incarnation)).toBe(true)
        expect(await store.checkFence('x', first)).toBe(false)
        expect(await claim('x', b)).toBe(2)
        expect(await store.release('x', first, a.incarnation)).toBe(false)
        expect(await store.leaseOf('x')).toMatchObject({ owner: b, token: 2 })
      })

      it('claims a queue: unheld, dead and waiting actors, not the living, the done or another queue', async () => {
        for (const actor of ['held', 'dropped', 'done', 'elsewhere']) {
          const token = await claim(actor)
          const status = actor === 'done' ? 'done' : 'active'
          const queue = actor === 'elsewhere' ? 'test' : 'goal'
          await store.commit(commitOf(a, token, { actor, status, queue }))
          if (actor === 'dropped') await store.release(actor, token, a.incarnation)
        }
        await store.enqueue(inboxOf('i1', 'new'))
        const claimed = await store.claimQueue('goal', b, TTL_MS)
        expect(claimed.map(({ lease }) => lease.actor)).toEqual(['dropped', 'new'])
        proof = 'dead'
        expect(await store.deadHolders('goal', b)).toEqual([a])
        const taken = await store.claimQueue('goal', b, TTL_MS)
        expect(taken).toMatchObject([{ lease: { actor: 'held', token: 2 }, takenFrom: a }])
        expect(await store.claimQueue('goal', b, TTL_MS)).toEqual([])
      })

      it('says whether any actor of a queue has something to do, whoever holds it', async () => {
        expect(await store.hasUnfinished('goal')).toBe(false)
        await store.enqueue(inboxOf('i1', 'new'))
        expect(await store.hasUnfinished('goal')).toBe(true)
        expect(await store.hasUnfinished('test')).toBe(false)
        await store.discard('i1', 'for the test', 'test')
        expect(await store.hasUnfinished('goal')).toBe(false)
        for (const status of ['active', 'refused', 'done'] as const) {
          await store.commit(commitOf(a, await claim(status), { actor: status, status, queue: status }))
          expect(await store.hasUnfinished(status)).toBe(status !== 'done')
        }
        const newEffects = [effectOf('e1', 'last')]
        const last = { actor: 'last', status: 'done', queue: 'done', newEffects } as const
        await store.commit(commitOf(a, await claim('last'), last))
        expect(await store.hasUnfinished('done')).toBe(true)
      })

      it('never has two holders when two processes race for 1,000 rounds', async () => {
        const witness = join(makeTempDir('race'), 'witness')
        const run = promisify(execFile)
        const tokens = await Promise.all(
          [1, 2].map(async () => {
            const { stdout } = await run(process.execPath, [racer, path, witness, '500'])
            return JSON.parse(stdout) as number[]
          }),
        )
        expect(new Set(tokens.flat()).size).toBe(1_000)
        expect(Math.max(...tokens.flat())).toBe(1_000)
      }, 60_000)
    })

    describe('commit', () => {
      it('appends one event, and refuses a second one for the same version', async () => {
        const token = await claim('x')
        const first = await store.commit(commitOf(a, token, { actor: 'x' }))
        expect(first).toMatchObject({ ok: true, seq: 1 })
        expect(await store.commit(commitOf(a, token, { actor: 'x' }))).toEqual({
          ok: false,
          reason: 'version',
        })
        expect(await store.head('x')).toEqual({ stream: 'x', version: 1, hash: first.ok ? first.head : '' })
        const [event] = await store.readStream('x', 1)
        expect(event).toMatchObject({ seq: 1, prev: ZERO_HASH, writer: 'inc-a', writerSeq: 1, type: 'E' })
        expect(await store.loadActor('x')).toMatchObject({
          seq: 1,
          status: 'active',
          snapshot: { value: 'a' },
        })
      })

      it('refuses an owner whose lease was taken over, and writes nothing of it', async () => {
        const stale = await claim('x')
        proof = 'dead'
        const token = await claim('x', b)
        const late = commitOf(a, stale, { actor: 'x', newTimers: [timerOf('t', 'x', clock, 0)] })
        expect(await store.commit(late)).toEqual({ ok: false, reason: 'lease' })
        expect(await store.loadActor('x')).toBeNull()
        expect(await store.commit({ ...late, token, owner: b.incarnation })).toMatchObject({ ok: true })
      })

      it('settles an effect once', async () => {
        const token = await claim('x')
        await store.commit(commitOf(a, token, { actor: 'x', newEffects: [effectOf('x/1/work', 'x')] }))
        expect(await store.unfinishedEffects('x')).toEqual([effectOf('x/1/work', 'x')])
        const settle = commitOf(a, token, {
          actor: 'x',
          expectedSeq: 1,
          settleEffect: { id: 'x/1/work', outcome: { ok: true } },
        })
        expect(await store.commit(settle)).toMatchObject({ ok: true, seq: 2 })
        expect(await store.commit({ ...settle, expectedSeq: 2 })).toEqual({ ok: false, reason: 'version' })
        expect((await store.head('x')).version).toBe(2)
        expect(await store.unfinishedEffects('x')).toEqual([])
      })

      it('rolls the whole turn back when what caused it is gone', async () => {
        const token = await claim('x')
        await store.commit(commitOf(a, token, { actor: 'x', newEffects: [effectOf('x/1/work', 'x')] }))
        const turn = commitOf(a, token, {
          actor: 'x',
          expectedSeq: 1,
          settleEffect: { id: 'x/1/work', outcome: null },
          consumeTimers: ['never'],
          sends: [inboxOf('s', 'y')],
        })
        expect(await store.commit(turn)).toEqual({ ok: false, reason: 'version' })
        expect(await store.unfinishedEffects('x')).toHaveLength(1)
        expect((await store.due('goal', a.incarnation, clock.now(), 10)).unclaimed).toEqual([])
      })

      it('delivers sends in the same transaction, once, to the queue of the actor', async () => {
        const token = await claim('x')
        await store.commit(commitOf(a, token, { actor: 'x', queue: 'goal' }))
        await claim('y')
        await store.commit(
          commitOf(a, 1, { actor: 'y', sends: [inboxOf('m', 'x', { queue: 'wrong' })], queue: 'test' }),
        )
        expect((await store.due('goal', a.incarnation, clock.now(), 10)).inbox).toEqual([inboxOf('m', 'x')])
      })
    })

    describe('inbox', () => {
      it('takes an event once, whoever repeats it, also after it was consumed', async () => {
        const token = await claim('x')
        const row = inboxOf('i', 'x', { event: { type: 'GO', by: 'ann' } })
        expect(await store.enqueue(row)).toEqual({ isNew: true })
        expect(await store.enqueue({ ...row, event: { type: 'OTHER' } })).toEqual({ isNew: false })
        expect((await store.due('goal', a.incarnation, clock.now(), 10)).inbox).toEqual([row])
        await store.commit(commitOf(a, token, { actor: 'x', consumeInbox: ['i'] }))
        expect(await store.enqueue(row)).toEqual({ isNew: false })
        expect((await store.due('goal', a.incarnation, clock.now(), 10)).inbox).toEqual([])
      })

      it('shows events in the order they came, and names actors that nobody holds', async () => {
        await claim('x')
        for (const id of ['3', '1', '2']) await store.enqueue(inboxOf(id, 'x'))
        await store.enqueue(inboxOf('4', 'nobody'))
        const due = await store.due('goal', a.incarnation, clock.now(), 10)
        expect(due.inbox.map((row) => row.id)).toEqual(['3', '1', '2'])
        expect(due.unclaimed).toEqual(['nobody'])
        expect((await store.due('goal', b.incarnation, clock.now(), 10)).inbox).toEqual([])
      })

      it('journals what it discards', async () => {
        await store.enqueue(inboxOf('i', 'x'))
        expect(await store.discard('i', 'no such actor', 'inc-a')).toBe(true)
        expect(await store.discard('i', 'no such actor', 'inc-a')).toBe(false)
        expect(await store.readStream('inbox/goal', 1)).toMatchObject([
          { type: 'inbox.discarded', data: { row: 'i', actor: 'x', reason: 'no such actor' } },
        ])
      })
    })

    describe('timers', () => {
      const dueIds = async (): Promise<string[]> =>
        (await store.due('goal', a.incarnation, clock.now(), 10)).timers.map((timer) => timer.id)

      beforeEach(async () => {
        const token = await claim('x')
        const newTimers = [timerOf('late', 'x', clock, 2_000), timerOf('soon', 'x', clock, 1_000)]
        await store.commit(commitOf(a, token, { actor: 'x', newTimers }))
      })

      it('come due in order, and say when the next one does', async () => {
        expect(await dueIds()).toEqual([])
        expect((await store.due('goal', a.incarnation, clock.now(), 10)).nextTimer).toEqual(
          timerOf('soon', 'x', clock, 1_000).due,
        )
        clock.advance(1_000)
        expect(await dueIds()).toEqual(['soon'])
        clock.advance(1_000)
        expect(await dueIds()).toEqual(['soon', 'late'])
        expect((await store.due('goal', b.incarnation, clock.now(), 10)).timers).toEqual([])
      })

      it('do not care when somebody sets the clock, back or forward', async () => {
        clock.setWall(clock.wallMs() + 10_000_000)
        expect(await dueIds()).toEqual([])
        clock.setWall(0)
        clock.advance(1_000)
        expect(await dueIds()).toEqual(['soon'])
      })

      it('go by the wall clock after a reboot', async () => {
        clock.reboot('boot-2')
        expect(await dueIds()).toEqual([])
        expect((await store.due('goal', a.incarnation, clock.now(), 10)).nextTimer).not.toBeNull()
        clock.advance(1_500)
        expect(await dueIds()).toEqual(['soon'])
      })

      it('count once, and are gone when cancelled', async () => {
        clock.advance(5_000)
        const fire = commitOf(a, 1, {
          actor: 'x',
          expectedSeq: 1,
          consumeTimers: ['soon'],
          cancelTimers: ['late'],
        })
        expect((await store.commit(fire)).ok).toBe(true)
        expect(await store.commit({ ...fire, expectedSeq: 2 })).toEqual({ ok: false, reason: 'version' })
        expect(await store.pendingTimers('x')).toEqual([])
      })
    })

    describe('records', () => {
      it('are put by compare-and-set, and a repeated key is the same write', async () => {
        expect(await store.put(recordOf('t1'))).toEqual({ ok: true, version: 1, repeated: false })
        expect(await store.put(recordOf('t1'))).toEqual({ ok: true, version: 1, repeated: true })
        const stale = await store.put(recordOf('t1', { key: 'other' }))
        expect(stale).toMatchObject({ ok: false, reason: 'version', current: { id: 't1', version: 1 } })
        const moved = recordOf('t1', { key: 'move', expectedVersion: 1, state: 'Done' })
        expect(await store.put(moved)).toEqual({ ok: true, version: 2, repeated: false })
        expect(await store.get('task', 't1')).toMatchObject({ state: 'Done', version: 2 })
        expect(await store.readStream('record/task/t1', 1)).toHaveLength(2)
      })

      it('are fenced by the lease of the actor that writes them', async () => {
        const token = await claim('x')
        const fence = { actor: 'x', token }
        proof = 'dead'
        await claim('x', b)
        expect(await store.put(recordOf('t1', { fence }))).toEqual({
          ok: false,
          reason: 'fence',
          current: null,
        })
        expect((await store.put(recordOf('t1', { fence: { actor: 'x', token: 2 } }))).ok).toBe(true)
      })

      it('are listed by rank, age and id, page by page', async () => {
        const order = [
          ['d', 2, 1],
          ['b', 1, 2],
          ['a', 1, 2],
          ['c', 1, 1],
        ] as const
        for (const [id, rank, createdMs] of order) await store.put(recordOf(id, { rank, createdMs }))
        await store.put(recordOf('z', { state: 'Done', rank: 0 }))
        const first = await store.list({ kind: 'task', queue: 'goal', state: 'Ready', limit: 2 })
        expect(first.map((row) => row.id)).toEqual(['c', 'a'])
        const last = first[1]
        if (last === undefined) throw new Error('unreachable')
        const rest = await store.list({ kind: 'task', state: 'Ready', after: last, limit: 9 })
        expect(rest.map((row) => row.id)).toEqual(['b', 'd'])
        expect(await store.count({ kind: 'task', queue: 'goal' })).toBe(5)
        expect(await store.count({ kind: 'task', state: 'Ready' })).toBe(4)
        expect(await store.list({ kind: 'pull', limit: 9 })).toEqual([])
      })

      const take = (from = 'Ready') =>
        store.takeRecord({
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
        await store.put(recordOf('late', { createdMs: 5 }))
        await store.put(recordOf('urgent', { rank: 0, createdMs: 9 }))
        await store.put(recordOf('early', { createdMs: 4 }))
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
        expect((await store.due('goal', a.incarnation, clock.now(), 9)).inbox).toEqual([
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
        await store.put({ ...recordOf('first', { rank: 0 }), needs })
        await store.put(recordOf('base', { state: 'Review' }))
        expect(await take()).toBeNull()
        const done = { state: 'Done', expectedVersion: 1 }
        await store.put(recordOf('base', { ...done, key: 'k1' }))
        expect(await take()).toBeNull()
        await store.put(recordOf('unborn', { state: 'Done' }))
        await store.put(recordOf('base', { state: 'Review', expectedVersion: 2, key: 'k2' }))
        expect(await take()).toBeNull()
        await store.put(recordOf('base', { state: 'Done', expectedVersion: 3, key: 'k3' }))
        expect(await take()).toMatchObject({ id: 'first' })
      })
    })

    describe('the ledger', () => {
      const DAY_MS = 86_400_000
      const read = (task: string | null = null) =>
        store.readSpend({
          now: clock.now(),
          windowMs: DAY_MS,
          task,
          latestOf: { agent: 'a', lane: 'goal', limit: 2 },
        })
      const reserve = async (id: string, given: Partial<SpendEntry> = {}) => {
        const { version } = await read()
        return store.reserveSpend(spendOf(id, { startedAt: clock.now(), ...given }), version, 'w')
      }
      const settled = {
        tokens: 5,
        usdMicros: 7,
        coveredUsdMicros: 0,
        estimated: false,
        ending: 'completed',
        signal: null,
      } as const
      const settle = (id: string) => store.settleSpend(id, settled, clock.now(), 'w')

      it('takes a reservation only while nothing of it has changed', async () => {
        const { version } = await read()
        expect(await store.reserveSpend(spendOf('att-1'), version, 'w')).toMatchObject({
          ok: true,
          repeated: false,
        })
        expect(await store.reserveSpend(spendOf('att-2'), version, 'w')).toEqual({
          ok: false,
          reason: 'version',
        })
        const again = spendOf('att-1', { agent: 'other' })
        expect(await store.reserveSpend(again, version, 'w')).toEqual({
          ok: true,
          repeated: true,
          entry: spendOf('att-1'),
        })
        const later = (await read()).version
        expect(await settle('att-1')).toBe(true)
        expect(await store.reserveSpend(spendOf('att-2'), later, 'w')).toEqual({
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
        expect(await store.concludeSpend('att-1', done, 'w')).toBe(false)
        expect(await settle('att-1')).toBe(true)
        expect(await settle('att-1')).toBe(false)
        expect(await store.concludeSpend('att-1', done, 'w')).toBe(true)
        expect(
          await store.concludeSpend(
            'att-1',
            { ...done, fruitless: true, retryAtMs: null, turnedAway: false, erosion: 0 },
            'w',
          ),
        ).toBe(false)
        expect(await settle('att-none')).toBe(false)
        expect(await store.getSpend('att-1')).toMatchObject({
          settled,
          conclusion: done,
          endedAt: clock.now(),
        })
        expect(await store.getSpend('att-none')).toBeNull()
      })

      it('shows what is open, what ended within the window, and all of a task', async () => {
        for (const id of ['att-old', 'att-task', 'att-open', 'att-new'])
          await reserve(id, id === 'att-task' ? { task: 'task-t' as SpendEntry['task'] } : {})
        for (const id of ['att-old', 'att-task']) await settle(id)
        clock.advance(DAY_MS)
        await settle('att-new')
        const idsOf = async (task: string | null) => (await read(task)).entries.map(({ id }) => id)
        expect(await idsOf(null)).toEqual(['att-open', 'att-new'])
        expect(await idsOf('task-t')).toEqual(['att-task', 'att-open', 'att-new'])
        expect((await read()).latest.map(({ id }) => id)).toEqual(['att-new', 'att-open'])
        expect((await store.listSpend({ limit: 2 })).map(({ id }) => id)).toEqual(['att-old', 'att-task'])
        expect((await store.listSpend({ after: 'att-task', limit: 9 })).map(({ id }) => id)).toEqual([
          'att-open',
          'att-new',
        ])
      })

      it('does not care when somebody sets the clock; after a reboot the wall clock counts', async () => {
        await reserve('att-1')
        await settle('att-1')
        const count = async () => (await read()).entries.length
        clock.setWall(clock.wallMs() + 3 * DAY_MS)
        expect(await count()).toBe(1)
        clock.setWall(clock.wallMs() - 3 * DAY_MS)
        clock.reboot('boot-2')
        expect(await count()).toBe(1)
        clock.setWall(clock.wallMs() + DAY_MS)
        expect(await count()).toBe(0)
      })
    })

    describe('streams', () => {
      it('take events of lanes, gap-free per writer across streams', async () => {
        await store.appendLaneEvent('lane-goal', 'w', 'started', { pid: 1 })
        await store.appendLaneEvent('lane-test', 'w', 'started', null)
        const head = await store.appendLaneEvent('lane-goal', 'w', 'claimed', { task: 't' })
        const events = await store.readStream('lane-goal', 1)
        expect(events.map((event) => [event.seq, event.writerSeq])).toEqual([
          [1, 1],
          [2, 3],
        ])
        expect(events[1]?.prev).toBe(events[0]?.hash)
        expect(head).toEqual({ stream: 'lane-goal', version: 2, hash: events[1]?.hash })
        expect(await store.readStream('lane-goal', 2)).toHaveLength(1)
        await claim('x')
        await store.commit(commitOf(a, 1, { actor: 'x' }))
        await expect(store.appendLaneEvent('x', 'w', 'said', null)).rejects.toThrow(/belongs to an actor/)
        expect(await store.head('lane-none')).toEqual({ stream: 'lane-none', version: 0, hash: ZERO_HASH })
      })
    })
  })
}
