import type { GateContext } from '../../../machines/durable/gate-context.ts'
import type { ReviewContext } from '../../../machines/durable/review-context.ts'
import type { TaskContext } from '../../../machines/durable/task-context.ts'
import type { ActorRow } from '../../contracts/store.ts'
import { questionOf } from '../look/question-of.ts'
import { contextOf, stateOf } from '../run/actor-standing.ts'

/** Why an actor is where it is, in its own terms, and the one thing a person can do. */
export interface Advice {
  readonly because: readonly string[]
  /** Of the failure that stopped a task. */
  readonly excerpt?: string | null
  /** Null where it goes on by itself. */
  readonly action: string | null
}

/** Reads the advice out of an actor's context. */
export const advise = (row: ActorRow): Advice => ADVISERS[row.machine]?.(row) ?? { because: [], action: null }

const NOTHING = 'Nothing: it is over.'
const gateShow = (id: string | null): string => `oc-supervise gate show ${id}`
const explain = (id: string | null): string => `oc-supervise explain ${id}`

const adviseTask = (row: ActorRow): Advice => {
  const context = contextOf<TaskContext>(row)
  const { blocked, settled, trouble, attempt, planPolicy, warnings, ending } = context
  const failure = attempt?.failure ?? settled?.failure ?? null
  const state = stateOf(row)
  const question = questionOf(row)
  const because = [
    ...(question === null ? [] : [`it asks ${question}`]),
    ...(blocked === null || state !== 'blocked' ? [] : [`${blocked.class}: ${blocked.reason}`]),
    ...(failure === null || state === 'blocked'
      ? []
      : [`the last attempt: ${failure.class}: ${failure.reason}`]),
    ...(trouble === null ? [] : [`${trouble.at} failed ${trouble.tries} times: ${trouble.reason}`]),
    ...(state === 'awaitingStart' && planPolicy !== null ? [planPolicy.summary] : []),
    ...(ending?.kind === 'cancelled' ? [`cancelled by ${ending.by}`] : []),
    ...(ending?.kind === 'asked' ? [`${ending.by} asked to move its card to ${ending.to}`] : []),
    ...(ending?.kind === 'moved' ? [`a person moved its card to ${ending.to}`] : []),
    ...warnings,
  ]
  const actions: Readonly<Record<string, string>> = {
    blocked: blocked?.nextAction ?? explain(row.id),
    awaitingStart: gateShow(context.startGate),
    inReview: explain(context.reviewId),
    verifying: explain(context.verification),
    deferred: `Nothing: it begins again by itself. To ask at once: oc-supervise task retry ${row.id}`,
    queued: `Nothing: it begins again once a lane has a place for it. To ask at once: oc-supervise task retry ${row.id}`,
    setAside: `oc-supervise task move ${row.id} Ready`,
    done: NOTHING,
    cancelled: NOTHING,
  }
  return {
    because,
    excerpt: state === 'blocked' && failure?.class === blocked?.class ? (failure?.excerpt ?? null) : null,
    action: actions[state] ?? null,
  }
}

const adviseReview = (row: ActorRow): Advice => {
  const { verdict, trouble, gateId, taskId, mergedSha, cancelling } = contextOf<ReviewContext>(row)
  const because = [
    ...(verdict === null
      ? []
      : [`the verdict is ${verdict.decision}: ${verdict.reasons.join('; ') || 'no objection'}`]),
    ...(trouble === null ? [] : [`${trouble.at} failed ${trouble.tries} times: ${trouble.reason}`]),
    ...(mergedSha === null ? [] : [`merged as ${mergedSha}`]),
    ...(cancelling ? ['its task takes it back'] : []),
  ]
  const actions: Readonly<Record<string, string>> = {
    awaitingGate: gateShow(gateId),
    revising: explain(taskId),
    stopped: explain(taskId),
    merged: NOTHING,
    closed: NOTHING,
  }
  return { because, action: actions[stateOf(row)] ?? null }
}

const adviseGate = (row: ActorRow): Advice => {
  const { opening, refusals, refused, decided } = contextOf<GateContext>(row)
  const last = refusals.at(-1)
  const because = [
    ...opening.reasons,
    ...(last === undefined
      ? []
      : [`${refused} decisions were refused; the last, by ${last.by}: ${last.reason}`]),
    ...(decided === null ? [] : [`decided by ${decided.decision.statement.by}: ${decided.decision.note}`]),
  ]
  return { because, action: row.status === 'done' ? NOTHING : gateShow(row.id) }
}

const ADVISERS: Readonly<Record<string, (row: ActorRow) => Advice>> = {
  task: adviseTask,
  review: adviseReview,
  gate: adviseGate,
}
