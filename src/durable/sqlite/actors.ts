import type { JsonValue } from '../../contracts/json.ts'
import type { ActorRow } from '../../contracts/store.ts'
import type { Store } from '../store.ts'
import type { Journal } from './journal.ts'
import { matching } from './matching.ts'
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
    const { where, values } = matching({ queue, machine, status })
    const later = after === undefined ? '' : `${where === '' ? 'WHERE' : 'AND'} actors.id > ?`
    return journal
      .prepare(
        `SELECT actors.*, seq, head FROM actors JOIN streams ON streams.name = actors.id
         ${where} ${later} ORDER BY actors.id LIMIT ?`,
      )
      .all(...values, ...(after === undefined ? [] : [after]), limit)
      .map((row) => toActor(row as unknown as ActorWithHead))
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
