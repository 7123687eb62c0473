import { canonicalJson } from '../../contracts/canonical-json.ts'
import { AnchorDraft, type SignedAnchor } from '../anchor.ts'
import { ZERO_HASH } from '../event-bytes.ts'
import type { Store } from '../store.ts'
import type { Journal } from './journal.ts'

/** The chain of signed anchors. Drafting reads, signing happens outside, putting checks that nobody came first. */
export const anchorRows = (journal: Journal): Pick<Store, 'draftAnchor' | 'putAnchor' | 'latestAnchor'> => ({
  draftAnchor: () =>
    // The write lock makes heads and count one moment's truth.
    journal.write('anchor:draft', () => {
      const last = latest(journal)
      const heads = headsSince(journal, last?.anchor.events ?? 0)
      if (heads.length === 0) return null
      return AnchorDraft.parse({
        v: 1,
        n: (last?.anchor.n ?? 0) + 1,
        prev: last?.hash ?? ZERO_HASH,
        at: journal.clock.now(),
        events: journal.prepare('SELECT max(n) AS events FROM events').get()?.events ?? 0,
        heads,
      })
    }),

  putAnchor: ({ anchor, signature, hash }) =>
    journal.write('anchor:put', () => {
      const last = latest(journal)
      if (anchor.n !== (last?.anchor.n ?? 0) + 1 || anchor.prev !== (last?.hash ?? ZERO_HASH)) return false
      journal
        .prepare('INSERT INTO anchors VALUES (?, ?, ?, ?)')
        .run(anchor.n, canonicalJson(anchor), signature, hash)
      return true
    }),

  latestAnchor: async () => latest(journal),
})

/** Events are numbered without gaps, so the count of an anchor is where the next one begins. */
const headsSince = (journal: Journal, events: number) =>
  journal
    .prepare(
      `SELECT name AS stream, seq, head AS hash FROM streams
       WHERE name IN (SELECT stream FROM events WHERE n > ?) ORDER BY name`,
    )
    .all(events)

const latest = (journal: Journal): SignedAnchor | null => {
  const row = journal.prepare('SELECT bytes, signature, hash FROM anchors ORDER BY n DESC LIMIT 1').get()
  if (row === undefined) return null
  return {
    anchor: AnchorDraft.parse(JSON.parse(row.bytes as string)),
    signature: row.signature as string,
    hash: row.hash as string,
  }
}
