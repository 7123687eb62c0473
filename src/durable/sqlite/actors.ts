import type { JsonValue } from '../../contracts/json.ts'
import type { ActorRow } from '../../contracts/store.ts'
import type { Store } from '../store.ts'
import { type Journal, sql } from './journal.ts'
import type { ActorTable } from './tables.ts'

type ActorWithHead = ActorTable & { seq: number; head: string }

/** Reads of actors. */
export const actors = (journal: Journal): Pick<Store, 'loadActor' | 'listActors'> => ({
  loadActor: async (actor) => {
    const row = journal
      .prepare('SELECT actors.*, seq, head FROM actors JOIN streams ON streams.name = actors.id WHERE id = ?')
      .get(actor) as ActorWithHead | undefined
    return row === undefined ? null : toActor(row)
  },

  listActors: async ({ queue, machine, status, after, limit }) => {
    let query = sql
      .selectFrom('actors')
      .innerJoin('streams', 'streams.name', 'actors.id')
      .selectAll('actors')
      .select(['streams.seq', 'streams.head'])
      .orderBy('actors.id')
      .limit(limit)
    if (queue !== undefined) query = query.where('actors.queue', '=', queue)
    if (machine !== undefined) query = query.where('actors.machine', '=', machine)
    if (status !== undefined) query = query.where('actors.status', '=', status)
    if (after !== undefined) query = query.where('actors.id', '>', after)
    return journal.all(query.compile()).map(toActor)
  },
})

const toActor = (row: ActorWithHead): ActorRow => ({
  id: row.id,
  queue: row.queue,
  machine: row.machine,
  machineVersion: row.machine_version,
  snapshot: JSON.parse(row.snapshot) as JsonValue,
  status: row.status,
  seq: row.seq,
  head: row.head,
  entries: row.entries,
})
