/** Raised with every change of the tables; a database with a higher one is refused. */
export const SCHEMA_VERSION = 2

/**
 * The tables of version 1; what came later stands in MIGRATIONS. `events` and `anchors` are the journal; `actors`, `records` are the states that its hashes vouch for;
 * the rest is work in flight. Text columns that hold JSON hold canonical JSON where a hash depends on it. Every index
 * that a turn touches is one more page in every commit, so there is none that no query needs.
 */
const VERSION_1 = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE streams (
  name TEXT PRIMARY KEY, seq INTEGER NOT NULL, head TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE writers (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  n INTEGER PRIMARY KEY,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  writer TEXT NOT NULL, writer_seq INTEGER NOT NULL,
  hash TEXT NOT NULL, bytes TEXT NOT NULL,
  UNIQUE (stream, seq)
) STRICT;

CREATE TABLE anchors (
  n INTEGER PRIMARY KEY, bytes TEXT NOT NULL, signature TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;

CREATE TABLE actors (
  id TEXT PRIMARY KEY, queue TEXT NOT NULL,
  machine TEXT NOT NULL, machine_version INTEGER NOT NULL,
  snapshot TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('active', 'done', 'refused')),
  entries INTEGER NOT NULL
) STRICT;
CREATE INDEX actors_queue ON actors (queue, status);
CREATE INDEX actors_machine ON actors (machine, status);

CREATE TABLE leases (
  actor TEXT PRIMARY KEY, queue TEXT NOT NULL, token INTEGER NOT NULL,
  incarnation TEXT, host TEXT NOT NULL, pid INTEGER NOT NULL, start_ticks REAL NOT NULL, boot TEXT NOT NULL,
  expires_wall INTEGER NOT NULL, expires_mono REAL NOT NULL, expires_boot TEXT NOT NULL
) STRICT;
CREATE INDEX leases_holder ON leases (incarnation);

CREATE TABLE effects (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, actor TEXT NOT NULL REFERENCES actors (id),
  name TEXT NOT NULL, invoke_id TEXT, input TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'settled', 'cancelled')), outcome TEXT
) STRICT;
CREATE INDEX effects_open ON effects (actor, n) WHERE state = 'open';

CREATE TABLE timers (
  id TEXT PRIMARY KEY, actor TEXT NOT NULL REFERENCES actors (id), event TEXT NOT NULL,
  due_wall INTEGER NOT NULL, due_mono REAL NOT NULL, due_boot TEXT NOT NULL
) STRICT;
CREATE INDEX timers_actor ON timers (actor);
CREATE INDEX timers_mono ON timers (due_boot, due_mono);

CREATE TABLE inbox (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, actor TEXT NOT NULL, queue TEXT NOT NULL,
  event TEXT NOT NULL, start TEXT,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'consumed', 'discarded'))
) STRICT;
CREATE INDEX inbox_waiting ON inbox (queue, n) WHERE state = 'waiting';

CREATE TABLE records (
  kind TEXT NOT NULL, id TEXT NOT NULL, queue TEXT NOT NULL, state TEXT NOT NULL,
  rank INTEGER NOT NULL, created_ms INTEGER NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL,
  unmet INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, id)
) STRICT;
CREATE INDEX records_queue_state ON records (kind, queue, state, rank, created_ms, id);
CREATE INDEX records_state ON records (kind, state, rank, created_ms, id);
CREATE INDEX records_order ON records (kind, rank, created_ms, id);
CREATE INDEX records_eligible ON records (kind, queue, state, rank, created_ms, id) WHERE unmet = 0;

CREATE TABLE record_links (
  kind TEXT NOT NULL, id TEXT NOT NULL, needs TEXT NOT NULL, needs_state TEXT NOT NULL,
  PRIMARY KEY (kind, id, needs)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_links_needs ON record_links (kind, needs);

CREATE TABLE record_keys (
  key TEXT PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`

/**
 * The ledger. `value` is the whole entry; the columns beside it are what queries go by, and the entry's hash vouches
 * for them too. `change` rises with every write of any entry.
 */
const SPEND = `
CREATE TABLE spend (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, task TEXT NOT NULL, agent TEXT NOT NULL, lane TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'settled')),
  ended_wall INTEGER, ended_mono REAL, ended_boot TEXT,
  change INTEGER NOT NULL UNIQUE, value TEXT NOT NULL
) STRICT;
CREATE INDEX spend_open ON spend (n) WHERE state = 'open';
CREATE INDEX spend_task ON spend (task);
CREATE INDEX spend_wall ON spend (ended_wall);
CREATE INDEX spend_mono ON spend (ended_boot, ended_mono);
CREATE INDEX spend_agent ON spend (agent, lane, n);
`

/** What lifts a database from each version to the next. */
export const MIGRATIONS: Readonly<Record<number, string>> = { 1: SPEND }

/** Everything a new database has. */
export const SCHEMA: string = [VERSION_1, ...Object.values(MIGRATIONS)].join('')
