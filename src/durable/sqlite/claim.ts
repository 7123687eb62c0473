import type { IncarnationId } from '../../contracts/ids.ts'
import type { Lease, Owner } from '../../contracts/store.ts'
import { isDue, plusMs } from '../../platform/instant-math.ts'
import type { ClaimResult, OwnerProof, Store } from '../store.ts'
import type { Journal } from './journal.ts'
import { toLease, toOwner } from './rows.ts'
import type { LeaseTable } from './tables.ts'

type Claims = Pick<
  Store,
  'claim' | 'claimQueue' | 'hasUnfinished' | 'deadHolders' | 'renew' | 'release' | 'leaseOf' | 'checkFence'
>

/** Asks the operating system about the holder of a lease on this host. */
export type ProveOwner = (owner: Owner) => OwnerProof

/**
 * Leases. The proof of a holder's death is fetched before the transaction (it reads /proc); inside, the lease must
 * still be the one that was judged.
 */
export const claims = (journal: Journal, prove: ProveOwner): Claims => ({
  claim: async (actor, queue, owner, ttlMs) => {
    for (;;) {
      const before = readLease(journal, actor)
      if (before !== null && !mayTake(journal, before, owner, prove))
        return { ok: false, holder: toOwner(before) as Owner }
      const taken = await journal.write('lease:claim', () =>
        takeIfUnchanged(journal, before, actor, queue, owner, ttlMs),
      )
      if (taken !== null) return taken
    }
  },

  deadHolders: async (queue, owner) => {
    const holders = unfinishedActors(journal, queue)
      .map((actor) => readLease(journal, actor))
      .map((row) => (row === null ? null : toOwner(row)))
      .filter((holder) => holder !== null)
      .filter((holder) => holder.host === owner.host && holder.incarnation !== owner.incarnation)
    const distinct = new Map(holders.map((holder) => [holder.incarnation, holder]))
    return [...distinct.values()].filter((holder) => prove(holder) === 'dead')
  },

  claimQueue: async (queue, owner, ttlMs) => {
    const proveOnce = remembering(prove)
    const wanted = unfinishedActors(journal, queue)
      .map((actor) => ({ actor, before: readLease(journal, actor) }))
      .filter(({ before }) => before?.incarnation !== owner.incarnation)
      .filter(({ before }) => before === null || mayTake(journal, before, owner, proveOnce))
    if (wanted.length === 0) return []
    return journal.write('lease:claim_queue', () =>
      wanted
        .map(({ actor, before }) => takeIfUnchanged(journal, before, actor, queue, owner, ttlMs))
        .filter((taken) => taken !== null)
        .map(({ lease, takenFrom }) => ({ lease, takenFrom })),
    )
  },

  hasUnfinished: async (queue) => unfinishedActors(journal, queue, 1).length > 0,

  renew: (owner, ttlMs) =>
    journal.write('lease:renew', () => {
      const expires = plusMs(journal.clock.now(), ttlMs)
      const { changes } = journal
        .prepare(
          'UPDATE leases SET expires_wall = ?, expires_mono = ?, expires_boot = ? WHERE incarnation = ?',
        )
        .run(expires.wallMs, expires.monoMs, expires.bootId, owner)
      return Number(changes)
    }),

  release: (actor, token, owner) =>
    journal.write('lease:release', () => {
      const { changes } = journal
        .prepare('UPDATE leases SET incarnation = NULL WHERE actor = ? AND token = ? AND incarnation = ?')
        .run(actor, token, owner)
      return Number(changes) === 1
    }),

  leaseOf: async (actor) => {
    const row = readLease(journal, actor)
    return row === null ? null : toLease(row)
  },

  checkFence: async (actor, token) => isHeldWith(journal, actor, token),
})

/** One proof an incarnation is enough for one pass. */
const remembering = (prove: ProveOwner): ProveOwner => {
  const judged = new Map<string, OwnerProof>()
  return (holder) => {
    const proof = judged.get(holder.incarnation) ?? prove(holder)
    judged.set(holder.incarnation, proof)
    return proof
  }
}

/** True while an actor is held under this token, by whomever. */
export const isHeldWith = (journal: Journal, actor: string, token: number): boolean =>
  journal
    .prepare('SELECT 1 FROM leases WHERE actor = ? AND token = ? AND incarnation IS NOT NULL')
    .get(actor, token) !== undefined

/** True while this very incarnation holds the actor under this token. */
export const isHeldBy = (journal: Journal, actor: string, token: number, owner: IncarnationId): boolean =>
  journal
    .prepare('SELECT 1 FROM leases WHERE actor = ? AND token = ? AND incarnation = ?')
    .get(actor, token, owner) !== undefined

/** On one host only a proved death permits taking over; expiry alone suffices only across hosts. */
const mayTake = (journal: Journal, row: LeaseTable, owner: Owner, prove: ProveOwner): boolean => {
  const holder = toOwner(row)
  if (holder === null || holder.incarnation === owner.incarnation) return true
  if (holder.host === owner.host) return prove(holder) === 'dead'
  return isDue(journal.clock.now(), {
    wallMs: row.expires_wall,
    monoMs: row.expires_mono,
    bootId: row.expires_boot,
  })
}

/** Null when the lease changed since it was judged: then it must be judged again. */
const takeIfUnchanged = (
  journal: Journal,
  before: LeaseTable | null,
  actor: string,
  queue: string,
  owner: Owner,
  ttlMs: number,
): (ClaimResult & { ok: true }) | null => {
  const now = readLease(journal, actor)
  if (now?.token !== before?.token || now?.incarnation !== before?.incarnation) return null
  const isOurs = now?.incarnation === owner.incarnation
  // Every new holder gets a new token, so that nothing written under the old one can pass.
  const token = (now?.token ?? 0) + (isOurs ? 0 : 1)
  const lease: Lease = { actor, owner, token, expiresAt: plusMs(journal.clock.now(), ttlMs) }
  writeLease(journal, queue, lease)
  return { ok: true, lease, takenFrom: isOurs || now === null ? null : toOwner(now) }
}

const readLease = (journal: Journal, actor: string): LeaseTable | null =>
  (journal.prepare('SELECT * FROM leases WHERE actor = ?').get(actor) as LeaseTable | undefined) ?? null

const writeLease = (journal: Journal, queue: string, { actor, owner, token, expiresAt }: Lease): void => {
  journal
    .prepare(
      `INSERT INTO leases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET queue = excluded.queue, token = excluded.token, incarnation = excluded.incarnation,
         host = excluded.host, pid = excluded.pid, start_ticks = excluded.start_ticks, boot = excluded.boot,
         expires_wall = excluded.expires_wall, expires_mono = excluded.expires_mono, expires_boot = excluded.expires_boot`,
    )
    .run(
      actor,
      queue,
      token,
      owner.incarnation,
      owner.host,
      owner.identity.pid,
      owner.identity.startTicks,
      owner.identity.bootId,
      expiresAt.wallMs,
      expiresAt.monoMs,
      expiresAt.bootId,
    )
}

/** What SQLite takes for no limit. */
const ALL = -1

/** Actors that still have something to do: not done, or with waiting events or unfinished effects. */
const unfinishedActors = (journal: Journal, queue: string, limit = ALL): string[] =>
  journal
    .prepare(
      `SELECT id FROM actors WHERE queue = ?1 AND status IN ('active', 'refused')
       UNION SELECT actor FROM inbox WHERE queue = ?1 AND state = 'waiting'
       UNION SELECT actor FROM effects JOIN actors ON actors.id = actor
         WHERE effects.state = 'open' AND actors.queue = ?1 AND actors.status = 'done'
       ORDER BY 1 LIMIT ?2`,
    )
    .all(queue, limit)
    .map((row) => row.id as string)
