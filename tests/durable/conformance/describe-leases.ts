import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { makeTempDir } from '../../support/temp-dir.ts'
import { commitOf, effectOf, inboxOf, ownerNamed } from '../support.ts'
import { type StoreGiven, TTL_MS } from './store-given.ts'

/** Who holds an actor, and who may take it over. */
export const describeLeases = (given: StoreGiven): void => {
  const { a, b, claim } = given
  describe('leases', () => {
    it('gives an actor to one owner, whose second claim keeps the token', async () => {
      expect(await claim('x')).toBe(1)
      expect(await claim('x')).toBe(1)
      expect(await given.store.claim('x', 'goal', b, TTL_MS)).toEqual({ ok: false, holder: a })
    })

    it.each([
      ['alive', false],
      ['unproven', false],
      ['dead', true],
    ] as const)('takes over from a holder that is %s: %s, expiry or not', async (judged, taken) => {
      await claim('x')
      given.clock.advance(TTL_MS * 100)
      given.proof = judged
      const result = await given.store.claim('x', 'goal', b, TTL_MS)
      expect(result.ok).toBe(taken)
      if (result.ok) expect(result).toMatchObject({ takenFrom: a, lease: { token: 2 } })
      expect(await given.store.deadHolders('goal', b)).toEqual([])
    })

    it('takes over across hosts by expiry alone, and never before', async () => {
      const far = ownerNamed('far', 'host-b')
      await claim('x')
      given.proof = 'dead'
      expect((await given.store.claim('x', 'goal', far, TTL_MS)).ok).toBe(false)
      given.clock.advance(TTL_MS - 1)
      await given.store.renew(a.incarnation, TTL_MS)
      given.clock.advance(TTL_MS - 1)
      expect((await given.store.claim('x', 'goal', far, TTL_MS)).ok).toBe(false)
      given.clock.advance(1)
      expect(await given.store.claim('x', 'goal', far, TTL_MS)).toMatchObject({
        ok: true,
        lease: { token: 2 },
      })
    })

    it('raises the token with every new holder, and fences the old one', async () => {
      const first = await claim('x')
      expect(await given.store.checkFence('x', first)).toBe(true)
      expect(await given.store.release('x', first, a.incarnation)).toBe(true)
      expect(await given.store.checkFence('x', first)).toBe(false)
      expect(await claim('x', b)).toBe(2)
      expect(await given.store.release('x', first, a.incarnation)).toBe(false)
      expect(await given.store.leaseOf('x')).toMatchObject({ owner: b, token: 2 })
    })

    it('claims a queue: unheld, dead and waiting actors, not the living, the done or another queue', async () => {
      for (const actor of ['held', 'dropped', 'done', 'elsewhere']) {
        const token = await claim(actor)
        const status = actor === 'done' ? 'done' : 'active'
        const queue = actor === 'elsewhere' ? 'test' : 'goal'
        await given.store.commit(commitOf(a, token, { actor, status, queue }))
        if (actor === 'dropped') await given.store.release(actor, token, a.incarnation)
      }
      await given.store.enqueue(inboxOf('i1', 'new'))
      const claimed = await given.store.claimQueue('goal', b, TTL_MS)
      expect(claimed.map(({ lease }) => lease.actor)).toEqual(['dropped', 'new'])
      given.proof = 'dead'
      expect(await given.store.deadHolders('goal', b)).toEqual([a])
      const taken = await given.store.claimQueue('goal', b, TTL_MS)
      expect(taken).toMatchObject([{ lease: { actor: 'held', token: 2 }, takenFrom: a }])
      expect(await given.store.claimQueue('goal', b, TTL_MS)).toEqual([])
    })

    it('says whether any actor of a queue has something to do, whoever holds it', async () => {
      expect(await given.store.hasUnfinished('goal')).toBe(false)
      await given.store.enqueue(inboxOf('i1', 'new'))
      expect(await given.store.hasUnfinished('goal')).toBe(true)
      expect(await given.store.hasUnfinished('test')).toBe(false)
      await given.store.discard('i1', 'for the test', 'test')
      expect(await given.store.hasUnfinished('goal')).toBe(false)
      for (const status of ['active', 'refused', 'done'] as const) {
        await given.store.commit(commitOf(a, await claim(status), { actor: status, status, queue: status }))
        expect(await given.store.hasUnfinished(status)).toBe(status !== 'done')
      }
      const newEffects = [effectOf('e1', 'last')]
      const last = { actor: 'last', status: 'done', queue: 'done', newEffects } as const
      await given.store.commit(commitOf(a, await claim('last'), last))
      expect(await given.store.hasUnfinished('done')).toBe(true)
    })

    it('never has two holders when two processes race for 1,000 rounds', async () => {
      const witness = join(makeTempDir('race'), 'witness')
      const run = promisify(execFile)
      const tokens = await Promise.all(
        [1, 2].map(async () => {
          const { stdout } = await run(process.execPath, [given.racer, given.path, witness, '500'])
          return JSON.parse(stdout) as number[]
        }),
      )
      expect(new Set(tokens.flat()).size).toBe(1_000)
      expect(Math.max(...tokens.flat())).toBe(1_000)
    }, 60_000)
  })
}
