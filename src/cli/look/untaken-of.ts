import { describeUntaken } from '../../../supervisor/status/describe-untaken.ts'
import type { ActorRow } from '../../contracts/store.ts'
import { whoConsumes } from './who-consumes.ts'
import type { System } from './with-system.ts'

/** What was left for an actor and nobody has taken up yet, and who will, each in words; null where nothing was. */
export const untakenOf = async (
  { store, layout }: Pick<System, 'store' | 'layout'>,
  row: ActorRow,
): Promise<{ readonly what: string; readonly who: string } | null> => {
  const [first] = await store.waitingEvents(row)
  if (first === undefined) return null
  return { what: describeUntaken(first.event), who: whoConsumes(layout, row.queue).message }
}
