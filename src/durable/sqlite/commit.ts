import type { CommitInput, CommitResult, InboxRow } from '../../contracts/store.ts'
import { actorStateHash } from '../state-hash.ts'
import { appendEvent, headOf } from './append-event.ts'
import { isHeldBy } from './claim.ts'
import { type Journal, Rollback } from './journal.ts'
import { toText } from './rows.ts'

/** Writes one turn of an actor: all of it, or (on a conflict) nothing. Only inside a transaction. */
export const commitTurn = (journal: Journal, input: CommitInput): CommitResult => {
  if (!isHeldBy(journal, input.actor, input.token, input.owner)) return { ok: false, reason: 'lease' }
  const before = headOf(journal, input.actor)
  if (before.version !== input.expectedSeq) return { ok: false, reason: 'version' }
  consume(journal, input)
  const snapshot = toText(input.snapshot)
  writeActor(journal, input, snapshot)
  const head = appendEvent(
    journal,
    {
      stream: input.actor,
      writer: input.owner,
      type: input.event.type,
      data: input.event.data,
      stateHash: actorStateHash({ ...input, snapshot }),
    },
    before,
  )
  changeEffects(journal, input)
  changeTimers(journal, input)
  for (const row of input.sends) insertInbox(journal, row)
  return { ok: true, seq: head.version, head: head.hash }
}

/** Inserts an event for an actor once. An actor's own queue wins over the one the sender believed in. */
export const insertInbox = (journal: Journal, row: InboxRow): boolean => {
  const { changes } = journal
    .prepare(
      `INSERT INTO inbox (id, actor, queue, event, start, state)
       VALUES (?1, ?2, coalesce((SELECT queue FROM actors WHERE id = ?2), ?3), ?4, ?5, 'waiting')
       ON CONFLICT (id) DO NOTHING`,
    )
    .run(
      row.id,
      row.actor,
      row.queue,
      toText(row.event),
      row.start === null ? null : toText({ machine: row.start.machine, input: row.start.input }),
    )
  return Number(changes) === 1
}

/** What caused this turn must still be there: a result, an event or a timer counts once. */
const consume = (journal: Journal, input: CommitInput): void => {
  if (input.settleEffect !== null)
    mustChange(
      journal
        .prepare(
          "UPDATE effects SET state = 'settled', outcome = ? WHERE id = ? AND actor = ? AND state = 'open'",
        )
        .run(toText(input.settleEffect.outcome), input.settleEffect.id, input.actor),
    )
  for (const id of input.consumeInbox)
    mustChange(
      journal
        .prepare("UPDATE inbox SET state = 'consumed' WHERE id = ? AND actor = ? AND state = 'waiting'")
        .run(id, input.actor),
    )
  for (const id of input.consumeTimers)
    mustChange(journal.prepare('DELETE FROM timers WHERE id = ? AND actor = ?').run(id, input.actor))
}

const mustChange = (result: { changes: number | bigint }): void => {
  if (Number(result.changes) !== 1) throw new Rollback<CommitResult>({ ok: false, reason: 'version' })
}

const writeActor = (journal: Journal, input: CommitInput, snapshot: string): void => {
  // Most turns change neither queue, machine nor status; leaving them out spares their indexes a write.
  const { changes } = journal
    .prepare(
      `UPDATE actors SET snapshot = ?, entries = ?
       WHERE id = ? AND queue = ? AND machine = ? AND machine_version = ? AND status = ?`,
    )
    .run(snapshot, input.entries, input.actor, input.queue, input.machine, input.machineVersion, input.status)
  if (Number(changes) === 1) return
  journal
    .prepare(
      `INSERT INTO actors VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET queue = excluded.queue, machine = excluded.machine,
         machine_version = excluded.machine_version, snapshot = excluded.snapshot, status = excluded.status,
         entries = excluded.entries`,
    )
    .run(input.actor, input.queue, input.machine, input.machineVersion, snapshot, input.status, input.entries)
}

const changeEffects = (journal: Journal, input: CommitInput): void => {
  for (const id of input.cancelEffects)
    journal
      .prepare("UPDATE effects SET state = 'cancelled' WHERE id = ? AND actor = ? AND state = 'open'")
      .run(id, input.actor)
  for (const effect of input.newEffects)
    journal
      .prepare(
        "INSERT INTO effects (id, actor, name, invoke_id, input, state) VALUES (?, ?, ?, ?, ?, 'open')",
      )
      .run(effect.id, input.actor, effect.name, effect.invokeId, toText(effect.input))
}

const changeTimers = (journal: Journal, input: CommitInput): void => {
  for (const id of input.cancelTimers)
    journal.prepare('DELETE FROM timers WHERE id = ? AND actor = ?').run(id, input.actor)
  for (const timer of input.newTimers)
    journal
      .prepare('INSERT INTO timers VALUES (?, ?, ?, ?, ?, ?)')
      .run(timer.id, input.actor, toText(timer.event), timer.due.wallMs, timer.due.monoMs, timer.due.bootId)
}
