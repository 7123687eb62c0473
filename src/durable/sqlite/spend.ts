import type { JsonValue } from '../../contracts/json.ts'
import { SpendEntry, type SpendFacts, type SpendStore } from '../../contracts/spend.ts'
import { plusMs } from '../../platform/instant-math.ts'
import { spendStream } from '../spend-stream.ts'
import { type SpendState, spendStateHash } from '../state-hash.ts'
import { appendEvent, headOf } from './append-event.ts'
import type { Journal } from './journal.ts'
import { toText } from './rows.ts'

/** The ledger: what is reserved, settled and concluded, each change one event of the entry's own stream. */
export const spend = (journal: Journal): SpendStore => ({
  readSpend: async (query) => {
    // First: what is written while we read on must make a reservation on these facts fail.
    const version = versionOf(journal)
    return { version, entries: relevant(journal, query), latest: latest(journal, query.latestOf) }
  },

  getSpend: async (id) => read(journal, id),

  reserveSpend: (entry, version, writer) =>
    journal.write('spend:reserve', () => {
      const known = read(journal, entry.id)
      if (known !== null) return { ok: true, entry: known, repeated: true }
      if (versionOf(journal) !== version) return { ok: false, reason: 'version' }
      write(journal, entry, 'spend.reserved', writer)
      return { ok: true, entry, repeated: false }
    }),

  settleSpend: (id, settled, at, writer) =>
    journal.write('spend:settle', () => {
      const entry = read(journal, id)
      if (entry === null || entry.settled !== null) return false
      write(journal, { ...entry, settled, endedAt: at }, 'spend.settled', writer)
      return true
    }),

  concludeSpend: (id, conclusion, writer) =>
    journal.write('spend:conclude', () => {
      const entry = read(journal, id)
      if (entry === null || entry.settled === null || entry.conclusion !== null) return false
      write(journal, { ...entry, conclusion }, 'spend.concluded', writer)
      return true
    }),

  listSpend: async ({ after, limit }) =>
    journal
      .prepare(
        'SELECT value FROM spend WHERE n > coalesce((SELECT n FROM spend WHERE id = ?), 0) ORDER BY n LIMIT ?',
      )
      .all(after ?? null, limit)
      .map(toEntry),
})

/**
 * Within one boot the monotonic clock says what is recent, so that setting the clock frees no budget; across boots the
 * wall clock. Each branch is a step down an index.
 */
const RELEVANT = `
  SELECT n, value FROM spend INDEXED BY spend_open WHERE state = 'open'
  UNION SELECT n, value FROM spend INDEXED BY spend_mono WHERE ended_boot = ?1 AND ended_mono > ?2
  UNION SELECT n, value FROM spend INDEXED BY spend_wall WHERE ended_wall > ?3 AND ended_boot <> ?1
  UNION SELECT n, value FROM spend INDEXED BY spend_task WHERE task = ?4
  ORDER BY n`

const relevant = (journal: Journal, query: Parameters<SpendStore['readSpend']>[0]): SpendFacts['entries'] => {
  const since = plusMs(query.now, -query.windowMs)
  return journal.prepare(RELEVANT).all(since.bootId, since.monoMs, since.wallMs, query.task).map(toEntry)
}

const latest = (
  journal: Journal,
  of: Parameters<SpendStore['readSpend']>[0]['latestOf'],
): SpendFacts['latest'] =>
  of === null
    ? []
    : journal
        .prepare('SELECT value FROM spend WHERE agent = ? AND lane = ? ORDER BY n DESC LIMIT ?')
        .all(of.agent, of.lane, of.limit)
        .map(toEntry)

const versionOf = (journal: Journal): number =>
  (journal.prepare('SELECT max(change) AS version FROM spend').get()?.version as number | null) ?? 0

const read = (journal: Journal, id: string): SpendEntry | null => {
  const row = journal.prepare('SELECT value FROM spend WHERE id = ?').get(id)
  return row === undefined ? null : toEntry(row)
}

/** What we wrote ourselves, in canonical JSON. */
const toEntry = (row: Record<string, unknown>): SpendEntry => JSON.parse(row.value as string) as SpendEntry

/** Writes an entry and its event; only inside a transaction that read it. */
const write = (journal: Journal, entry: SpendEntry, type: string, writer: string): void => {
  const value = SpendEntry.parse(entry) as unknown as JsonValue
  const row: SpendState = {
    task: entry.task,
    agent: entry.agent,
    lane: entry.lane,
    state: entry.settled === null ? 'open' : 'settled',
    endedWall: entry.endedAt?.wallMs ?? null,
    endedMono: entry.endedAt?.monoMs ?? null,
    endedBoot: entry.endedAt?.bootId ?? null,
    value: toText(value),
  }
  journal
    .prepare(
      `INSERT INTO spend (id, task, agent, lane, state, ended_wall, ended_mono, ended_boot, change, value)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, (SELECT coalesce(max(change), 0) + 1 FROM spend), ?9)
       ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_wall = excluded.ended_wall,
         ended_mono = excluded.ended_mono, ended_boot = excluded.ended_boot, change = excluded.change,
         value = excluded.value`,
    )
    .run(
      entry.id,
      row.task,
      row.agent,
      row.lane,
      row.state,
      row.endedWall,
      row.endedMono,
      row.endedBoot,
      row.value,
    )
  const stream = spendStream(entry.id)
  const stateHash = spendStateHash(row)
  appendEvent(journal, { stream, writer, type, data: value, stateHash }, headOf(journal, stream))
}
