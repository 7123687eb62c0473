import { canonicalJson } from '../../contracts/canonical-json.ts'
import type { IncarnationId } from '../../contracts/ids.ts'
import type { JsonValue } from '../../contracts/json.ts'
import type { EffectRow, InboxRow, Lease, Owner, RecordRow, TimerRow } from '../../contracts/store.ts'
import type { EffectTable, InboxTable, LeaseTable, RecordTable, TimerTable } from './tables.ts'

type EventJson = { readonly type: string } & Record<string, JsonValue>

/** JSON that we wrote ourselves: it went through canonicalJson on its way in. */
const ours = (text: string): JsonValue => JSON.parse(text) as JsonValue

export const toText = (value: JsonValue): string => canonicalJson(value)

export const toEffect = (
  row: Pick<EffectTable, 'id' | 'actor' | 'name' | 'invoke_id' | 'input'>,
): EffectRow => ({
  id: row.id,
  actor: row.actor,
  name: row.name,
  invokeId: row.invoke_id,
  input: ours(row.input),
})

export const toTimer = (row: TimerTable): TimerRow => ({
  id: row.id,
  actor: row.actor,
  event: ours(row.event) as EventJson,
  due: { wallMs: row.due_wall, monoMs: row.due_mono, bootId: row.due_boot },
})

export const toInbox = (row: Pick<InboxTable, 'id' | 'actor' | 'queue' | 'event' | 'start'>): InboxRow => ({
  id: row.id,
  actor: row.actor,
  queue: row.queue,
  event: ours(row.event) as EventJson,
  start: row.start === null ? null : (ours(row.start) as unknown as InboxRow['start']),
})

export const toRecord = (row: Omit<RecordTable, 'unmet'>): RecordRow => ({
  kind: row.kind,
  id: row.id,
  queue: row.queue,
  state: row.state,
  rank: row.rank,
  createdMs: row.created_ms,
  version: row.version,
  value: ours(row.value),
})

/** The holder of a lease; null where it was given back. */
export const toOwner = (row: LeaseTable): Owner | null =>
  row.incarnation === null
    ? null
    : {
        incarnation: row.incarnation as IncarnationId,
        host: row.host,
        identity: { pid: row.pid, startTicks: row.start_ticks, bootId: row.boot },
      }

export const toLease = (row: LeaseTable): Lease | null => {
  const owner = toOwner(row)
  if (owner === null) return null
  const expiresAt = { wallMs: row.expires_wall, monoMs: row.expires_mono, bootId: row.expires_boot }
  return { actor: row.actor, owner, token: row.token, expiresAt }
}
