import { existsSync } from 'node:fs'
import type { TaskContext } from '../../../machines/durable/task-context.ts'
import { localBoard } from '../../board/local-board.ts'
import type { LaneName } from '../../contracts/lane-name.ts'
import { Heartbeat } from '../../contracts/liveness.ts'
import type { ActorRow } from '../../contracts/store.ts'
import type { BoardTask } from '../../contracts/task.ts'
import { readJsonFile } from '../../platform/atomic-file.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { turnOnLane } from '../look/turn-on-lane.ts'
import { whoConsumes } from '../look/who-consumes.ts'
import type { System } from '../look/with-system.ts'
import { contextOf, stateOf } from '../run/actor-standing.ts'
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
    const explained = await explainActor(system, actor)
    const onCard =
      card === null ? [] : [`its card: ${card.state}${card.reason === '' ? '' : ` (${card.reason})`}`]
    const because = [...explained.because, ...onCard]
    return { ...explained, because, action: (await untakenReview(system, actor)) ?? explained.action }
  }
  return card === null ? null : explainCard(system, card, waitsFor)
}

/**
 * A review that no lane has taken up is no actor yet: there is nothing of it to explain but the lane that is missing. A task
 * that takes its review back goes on asking for it, and gets no answer while that lane is off.
 */
const untakenReview = async ({ store, layout }: System, task: ActorRow): Promise<string | null> => {
  const state = stateOf(task)
  const { reviewId } = contextOf<TaskContext>(task)
  if ((state !== 'inReview' && state !== 'withdrawing') || reviewId === null) return null
  const review = await store.loadActor(reviewId)
  if (review === null) return laneOff(layout, 'review') ?? WAITS_FOR_REVIEW
  return state === 'withdrawing' && review.status !== 'done' ? laneOff(layout, 'review') : null
}

const WAITS_FOR_REVIEW = 'Nothing, once the lane review is up: oc-supervise status'

/** What to do where the lane is off; null where it is on, or nobody has run anything here that could say so. */
const laneOff = (layout: StateLayout, lane: LaneName): string | null =>
  whoConsumes(layout, lane).consumer === 'lane_off' ? turnOnLane(lane) : null

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
    action: actionOf(spec, state, waitsFor) ?? laneOff(layout, spec.kind) ?? WAITS_FOR_LANE,
  }
}

const ABOUT: Readonly<Record<string, string>> = {
  Backlog: 'Not released: no lane claims it.',
  Ready: 'Waits to be claimed: by priority, then age, once what it depends on is Done.',
  Done: 'Over.',
  Cancelled: 'Over.',
}

const WAITS_FOR_LANE = 'Nothing, while the lane is up: oc-supervise status'

/** Null for a card that waits for nothing but its lane. */
const actionOf = (
  { id }: BoardTask['spec'],
  state: string,
  waitsFor: readonly { taskId: string; state: string | null }[],
): string | null => {
  if (state === 'Backlog') return 'Move its card to Ready.'
  if (state !== 'Ready') return 'Nothing: no lane works on it.'
  const [first] = waitsFor
  if (first === undefined) return null
  return first.state === null
    ? `There is no ${first.taskId}: oc-supervise task cancel ${id}, and add it again with the right one`
    : `oc-supervise explain ${first.taskId}`
}

/** What the lane's last heartbeat said it does, or why it claims nothing. */
const laneDetail = (path: string): string | null => {
  if (!existsSync(path)) return null
  const beat = readJsonFile(path, Heartbeat)
  return beat.ok ? `${beat.value.doing}, ${beat.value.detail}` : beat.message
}
