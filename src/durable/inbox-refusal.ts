import { z } from 'zod'
import type { InboxRow } from '../contracts/store.ts'
import type { LoadedActor } from './load-actor.ts'
import { type Stamp, stamped } from './stamp.ts'
import { START_EVENT } from './start-event.ts'

/**
 * Why an event from outside is not even shown to its machine; null where it is. Rubbish from outside must not mark
 * an actor as refused: it is discarded, and the journal keeps it.
 */
export const inboxRefusal = (actor: LoadedActor, row: InboxRow, stamp: Stamp): string | null => {
  if (row.event.type === START_EVENT) return 'the actor was started before'
  if (actor.status === 'done') return 'the actor is done'
  if (row.event.type.startsWith('xstate.')) return 'events named xstate.… come from inside only'
  const parsed = actor.definition.eventSchema.safeParse(stamped(row.event, stamp))
  return parsed.success ? null : z.prettifyError(parsed.error)
}
