import type { ActorRow, InboxRow } from '../../contracts/store.ts'
import { planMigration, restoreActor } from '../../durable/load-actor.ts'
import { durableMachines } from '../compose/durable-machines.ts'

/**
 * Whether an actor does anything with an event in the state that is stored now. It may have moved on when it takes the
 * event; then it hears it there, or the event changes nothing.
 * @throws UnloadableActorError where this version cannot run the actor.
 */
export const hears = (row: ActorRow, event: InboxRow['event']): boolean => {
  const definition = durableMachines().find(({ name }) => name === row.machine)
  if (definition === undefined) return false
  const stored = { row, effects: [], timers: [] }
  const migrated = planMigration(definition, stored)
  const current = migrated === null ? row : { ...row, snapshot: migrated.snapshot }
  return restoreActor(definition, { ...stored, row: current }).snapshot.can(event)
}
