import type { Instant } from '../../src/contracts/instant.ts'
import type { Claim } from '../../src/contracts/status.ts'
import { ageMs } from '../../src/platform/instant-math.ts'
import { describeWalls } from './describe-walls.ts'
import { explainClaim } from './explain-claim.ts'
import { oneLine } from './one-line.ts'
import type { ChildView, StatusView } from './read-view.ts'

const COLOURS: Readonly<Record<Claim | ChildView['proof'], number>> = {
  live_attached: 32,
  waiting_state_observed: 33,
  attachment_unproven: 31,
  terminal_observed: 36,
  snapshot_only: 31,
  proved: 32,
  unproven: 31,
  gone: 31,
  unwanted: 90,
}

/** For people. Colours only where the caller says that a terminal will show them. */
export const formatText = (view: StatusView, colours: boolean): string => {
  const paint = (text: string, key: Claim | ChildView['proof']): string =>
    colours ? `\u001b[${COLOURS[key]}m${text}\u001b[0m` : text
  const lines = [
    `${paint(view.claim, view.claim)}  ${oneLine(view.status?.name ?? view.dir)}: ${oneLine(explainClaim(view))}`,
    ...describeRun(view, paint),
    ...describeSupervisor(view, paint),
    ...describeChildren(view, paint),
    ...view.keepers.map(
      ({ attempt, task, proof }) =>
        `  agent ${oneLine(attempt)} on ${oneLine(task)}: keeper ${paint(proof, proof)}`,
    ),
    ...view.survivors.map(({ role, subject, pid }) => `  survivor: ${role} ${oneLine(subject)}, pid ${pid}`),
    ...view.problems.map((problem) => `  cannot be read: ${oneLine(problem)}`),
    ...describeAttention(view),
  ]
  return `${lines.join('\n')}\n`
}

type Paint = (text: string, key: Claim | ChildView['proof']) => string

const describeRun = ({ run }: StatusView, paint: Paint): string[] => {
  if (run === null) return []
  return [run.claim === null ? `${run.id}: unknown` : `${run.id}: ${paint(run.claim, run.claim)}`]
}

const describeSupervisor = (view: StatusView, paint: Paint): string[] => {
  const { status, supervisor } = view
  if (status === null) return []
  const { ready, running, review, blocked } = status.counts
  const isProved = supervisor.proof === 'proved'
  const up = isProved ? `; up ${since(view.readAt, status.startedAt)}` : ''
  // Nobody keeps the record up to date: what lives on goes on.
  const recorded = isProved ? '' : `, as recorded ${since(view.readAt, status.writtenAt)} ago`
  return [
    `supervisor: ${paint(supervisor.proof, supervisor.proof)}, ${oneLine(supervisor.because)}${up}; survivors: ${view.survivors.length}`,
    `tasks: ${ready} ready, ${running} running, ${review} in review, ${blocked} blocked${recorded}`,
    oneLine(describeWalls(status)),
  ]
}

const describeChildren = ({ children }: StatusView, paint: Paint): string[] => {
  const width = Math.max(0, ...children.map(({ record }) => record.id.length))
  return children.map(({ record, proof, because, heartbeat }) => {
    const says =
      heartbeat === null || heartbeat.incarnation !== record.incarnation ? '' : `; ${doing(heartbeat)}`
    const restarts = record.restarts === 0 ? '' : `; restarts: ${record.restarts}`
    const who = `${oneLine(record.id).padEnd(width)}  ${oneLine(record.state).padEnd(11)}`
    return `  ${who}  ${paint(proof.padEnd(8), proof)}  ${oneLine(`${because}${says}${restarts}`)}`
  })
}

const doing = ({ doing, detail }: { doing: string; detail: string }): string =>
  detail === '' ? doing : `${doing}: ${detail}`

const describeAttention = ({ attention }: StatusView): string[] =>
  attention.length === 0
    ? []
    : [
        'attention:',
        ...attention.map(
          ({ kind, subject, reason, action }) =>
            `  ${oneLine(`${kind} ${subject}: ${reason}`)}\n    → ${oneLine(action)}`,
        ),
      ]

const since = (now: Instant, then: Instant): string => {
  const minutes = Math.floor(ageMs(now, then) / 60_000)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
