import type { Supervisor } from '../../../supervisor/supervisor-api.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { AttemptId } from '../../contracts/ids.ts'
import type { Attention, StatusFile, Terminal } from '../../contracts/status.ts'
import type { Clock } from '../../platform/clock.ts'
import { bestContainment } from '../../platform/containment.ts'
import { proveIdentity } from '../../platform/process-identity.ts'
import { readRegistrations } from '../../platform/registrations.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { programAttention } from '../agent/program-attention.ts'
import { isIsolated, sandboxStanding } from '../compose/sandbox-standing.ts'
import { contextOf, stateOf } from './actor-standing.ts'
import type { Progress } from './read-progress.ts'

interface TaskFacts {
  readonly runId: string
  readonly lane: string
  readonly attempt: { readonly id: string } | null
  readonly blocked: { readonly class: string; readonly reason: string; readonly nextAction: string } | null
}

/** Puts the recorded facts of a running tree together; the claim is derived from them by whoever reads. */
export const composeStatus = (parts: {
  readonly manifest: CompiledManifest
  readonly supervisor: Supervisor
  readonly clock: Clock
  readonly layout: StateLayout
  readonly progress: Progress
  readonly counts: StatusFile['counts']
  readonly terminal: Terminal | null
  readonly notes: readonly Attention[]
}): StatusFile => {
  const { manifest, supervisor, clock, layout, progress, terminal } = parts
  const phase = supervisor.phase()
  const keepers = keepersOf(layout, progress)
  return {
    v: 1,
    name: manifest.name,
    writtenAt: clock.now(),
    startedAt: supervisor.startedAt,
    supervisor: { incarnation: supervisor.incarnation, identity: supervisor.identity },
    cleanStop: terminal === null ? null : { at: clock.now(), terminal },
    paused: phase === 'paused',
    containment: bestContainment(),
    sandbox: sandboxStanding(manifest),
    gateTrust: isIsolated(manifest) ? 'sandboxed' : 'same-user',
    children: supervisor.records(),
    keepers,
    runs: runsOf(progress),
    counts: parts.counts,
    attention: [
      ...supervisor.attention(),
      ...withoutEndedAttempts(parts.notes, keepers),
      ...programAttention(manifest.agents, layout),
      ...attentionOf(progress),
    ],
  }
}

/** What is said of an attempt is said of an agent at work; the ledger may settle one that was stopped only with the next run. */
export const withoutEndedAttempts = (
  notes: readonly Attention[],
  keepers: readonly { readonly attempt: string }[],
): Attention[] =>
  notes.filter(
    ({ subject }) =>
      !AttemptId.safeParse(subject).success || keepers.some(({ attempt }) => attempt === subject),
  )

const tasksOf = (progress: Progress) =>
  progress.actors
    .filter(({ row }) => row.machine === 'task')
    .map(({ row, standing }) => ({
      id: row.id,
      state: stateOf(row),
      standing,
      facts: contextOf<TaskFacts>(row),
    }))

const keepersOf = (layout: StateLayout, progress: Progress): StatusFile['keepers'] => {
  const tasks = new Map(
    tasksOf(progress).flatMap(({ id, facts }) => (facts.attempt === null ? [] : [[facts.attempt.id, id]])),
  )
  // Hundreds of services have a registration each: not read again and again for keepers that cannot be there.
  if (tasks.size === 0) return []
  return readRegistrations(layout.registrations)
    .filter(({ intent }) => intent.role === 'keeper')
    .flatMap(({ intent, identity }) => {
      const task = tasks.get(intent.subject)
      return task === undefined || identity === null || proveIdentity(identity).proof !== 'alive'
        ? []
        : [{ attempt: intent.subject, task, identity }]
    })
}

/** The unfinished runs, and whether something of each is under way or it waits. */
export const runsOf = (progress: Progress): StatusFile['runs'] => {
  const reviews = progress.actors.filter(({ row }) => row.machine === 'review')
  const taskOf = ({ row }: (typeof reviews)[number]) => contextOf<{ taskId: string }>(row).taskId
  const reviewed = new Set(reviews.filter(({ standing }) => standing === 'moving').map(taskOf))
  const rests = new Set(reviews.filter(({ standing }) => standing !== 'moving').map(taskOf))
  // Between the two of them there is a moment in which a review has not heard yet, or its task has not.
  const isOnItsWay = (id: string, state: string): boolean =>
    state === 'inReview' && progress.waitingEvents && !rests.has(id)
  const isActive = (id: string, state: string): boolean => reviewed.has(id) || isOnItsWay(id, state)
  return tasksOf(progress).map(({ id, state, standing, facts }) => ({
    run: facts.runId,
    task: id,
    state:
      standing === 'moving' || isActive(id, state) ? 'active' : state === 'blocked' ? 'ended' : 'waiting',
    lane: facts.lane,
    attempt: facts.attempt?.id ?? null,
  }))
}

/** What wants a person, one action each. */
const attentionOf = (progress: Progress): Attention[] => [
  ...tasksOf(progress).flatMap(({ id, state, facts }): Attention[] =>
    state === 'blocked' && facts.blocked !== null
      ? [
          {
            kind: facts.blocked.class === 'awaiting_input' ? 'question' : 'blocked_task',
            subject: id,
            reason: `${facts.blocked.class}: ${facts.blocked.reason}`,
            action: facts.blocked.nextAction,
          },
        ]
      : [],
  ),
  ...progress.actors
    .filter(({ standing }) => standing === 'stuck')
    .map(
      ({ row }): Attention => ({
        kind: 'blocked_task',
        subject: row.id,
        reason: `a transition out of ${stateOf(row)} was refused; the state stays`,
        action: `oc-supervise explain ${row.id}`,
      }),
    ),
  ...progress.actors.flatMap(({ row, missing }): Attention[] =>
    typeof missing !== 'string'
      ? []
      : [
          {
            kind: 'lane_off',
            subject: row.id,
            reason: `unfinished (${stateOf(row)}), and lane ${missing} is off: nobody takes it further`,
            action: `add lane ${missing} to the manifest; to give the work up, cancel its task as well`,
          },
        ],
  ),
  ...progress.actors
    .filter(({ row, standing }) => row.machine === 'gate' && standing === 'waits_person')
    .map(
      ({ row }): Attention => ({
        kind: 'open_gate',
        subject: row.id,
        reason: contextOf<{ opening: { reasons: string[] } }>(row).opening.reasons.join('; '),
        action: `oc-supervise gate show ${row.id}, then gate approve or gate reject`,
      }),
    ),
]
