import { existsSync } from 'node:fs'
import { localBoard } from '../../board/local-board.ts'
import { Heartbeat } from '../../contracts/liveness.ts'
import type { BoardTask } from '../../contracts/task.ts'
import { readJsonFile } from '../../platform/atomic-file.ts'
import type { System } from '../look/with-system.ts'
import { explainActor } from './explain-actor.ts'
import { type Explanation, NO_EVENTS } from './explanation.ts'

/** Explains a task: by its actor once it was claimed, else by its card. Null where there is neither. */
export const explainTask = async (system: System, id: string): Promise<Explanation | null> => {
  const { store } = system
  const actor = await store.loadActor(id)
  const board = localBoard(store)
  const card = await board.get(id)
  const waitsFor = card === null ? [] : await board.waitingFor(id)
  if (actor !== null) {
    const explained = await explainActor(store, actor)
    const onCard =
      card === null ? [] : [`its card: ${card.state}${card.reason === '' ? '' : ` (${card.reason})`}`]
    return { ...explained, because: [...explained.because, ...onCard] }
  }
  return card === null ? null : explainCard(system, card, waitsFor)
}

const explainCard = (
  { layout }: System,
  { spec, state, reason }: BoardTask,
  waitsFor: readonly { taskId: string; state: string | null }[],
): Explanation => {
  const lane = laneDetail(layout.heartbeat(spec.kind))
  const because = [
    ...(reason === '' ? [] : [reason]),
    ...waitsFor.map(({ taskId, state }) => `it waits for ${taskId}, which is ${state ?? 'unknown'}`),
    ...(lane === null ? [`the lane ${spec.kind} has never run`] : [`the lane ${spec.kind} says: ${lane}`]),
  ]
  return {
    id: spec.id,
    kind: 'task',
    state,
    about: ABOUT[state] ?? null,
    because,
    ...NO_EVENTS,
    action: actionOf(state, waitsFor),
  }
}

const ABOUT: Readonly<Record<string, string>> = {
  Backlog: 'Not released: no lane claims it.',
  Ready: 'Waits to be claimed: by priority, then age, once what it depends on is Done.',
  Done: 'Over.',
  Cancelled: 'Over.',
}

const actionOf = (state: string, waitsFor: readonly { taskId: string }[]): string => {
  const [first] = waitsFor
  if (state === 'Backlog') return 'Move its card to Ready.'
  if (state !== 'Ready') return 'Nothing: no lane works on it.'
  return first === undefined
    ? 'Nothing, while the lane is up: oc-supervise status'
    : `oc-supervise explain ${first.taskId}`
}

/** What the lane's last heartbeat said it does, or why it claims nothing. */
const laneDetail = (path: string): string | null => {
  if (!existsSync(path)) return null
  const beat = readJsonFile(path, Heartbeat)
  return beat.ok ? `${beat.value.doing}, ${beat.value.detail}` : beat.message
}
