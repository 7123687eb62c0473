import type { ActorRow } from '../../contracts/store.ts'
import type { BoardTask } from '../../contracts/task.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { whoConsumes } from '../look/who-consumes.ts'
import type { Answer } from '../print/print-answer.ts'

/** Where a card that a person moved is now, and who goes on with it: a lane where it is Ready, its task where it has one. */
export const movedAnswer = (
  layout: StateLayout,
  { spec, state }: BoardTask,
  actor: ActorRow | null,
): Answer => {
  const { id, kind } = spec
  if (actor === null && state !== 'Ready') return { json: { id, state }, text: `${id} is ${state}` }
  const { consumer, message } = whoConsumes(layout, actor?.queue ?? kind)
  return { json: { id, state, consumer }, text: `${id} is ${state}; ${message}` }
}
