import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import type { Owner } from '../../../src/contracts/store.ts'
import type { OwnerProof, Store } from '../../../src/durable/store.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { type ManualClock, manualClock, ownerNamed } from '../support.ts'

export const TTL_MS = 60_000

export type OpenStore = (options: {
  path: string
  clock: ManualClock
  prove: (owner: Owner) => OwnerProof
}) => Promise<Store>

/** A store that is opened anew for each test, and two owners on its host. */
export interface StoreGiven {
  readonly a: Owner
  readonly b: Owner
  /** A program that claims and releases the actor `raced` of a journal. */
  readonly racer: string
  path: string
  clock: ManualClock
  store: Store
  /** What is proved of whoever holds a lease. */
  proof: OwnerProof
  /** @returns the token of the lease. @throws Error where somebody else holds it. */
  claim(actor: string, owner?: Owner): Promise<number>
}

/** To be called within a `describe`. */
export const storeGiven = (open: OpenStore, racer: string): StoreGiven => {
  const a = ownerNamed('a')
  const given = {
    a,
    b: ownerNamed('b'),
    racer,
    claim: async (actor: string, owner = a) => {
      const claimed = await given.store.claim(actor, 'goal', owner, TTL_MS)
      if (!claimed.ok) throw new Error(`${actor} is held by ${claimed.holder.incarnation}`)
      return claimed.lease.token
    },
  } as StoreGiven
  beforeEach(async () => {
    given.path = join(makeTempDir('store'), 'journal.db')
    given.clock = manualClock()
    given.proof = 'alive'
    given.store = await open({ path: given.path, clock: given.clock, prove: () => given.proof })
  })
  afterEach(() => given.store.close())
  return given
}
