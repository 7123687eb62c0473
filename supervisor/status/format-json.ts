import type { Instant } from '../../src/contracts/instant.ts'
import { ageMs } from '../../src/platform/instant-math.ts'
import { explainClaim } from './explain-claim.ts'
import type { ChildView, StatusView } from './read-view.ts'

/** One object for programs. Ages are in ms as of `readAtMs`; facts that are not known are null. */
export const formatJson = (view: StatusView, exitCode: number): string => {
  const { status } = view
  const object = {
    name: view.name,
    stateDir: view.dir,
    claim: view.claim,
    row: view.row,
    exitCode,
    reason: explainClaim(view),
    run: view.run,
    readAtMs: view.readAt.wallMs,
    statusAgeMs: view.statusAgeMs === null ? null : Math.round(view.statusAgeMs),
    supervisor: {
      proof: view.supervisor.proof,
      because: view.supervisor.because,
      incarnation: status?.supervisor.incarnation ?? null,
      pid: status?.supervisor.identity.pid ?? null,
      startedAtMs: status?.startedAt.wallMs ?? null,
    },
    terminal: status?.cleanStop?.terminal ?? null,
    paused: view.facts.paused,
    containment: status?.containment ?? null,
    sandbox: status?.sandbox ?? null,
    gateTrust: status?.gateTrust ?? null,
    survivors: view.survivors.length,
    survivorList: view.survivors,
    active: view.facts.active,
    waiting: view.facts.waiting,
    children: view.children.map((child) => childOf(child, view.readAt)),
    keepers: view.keepers.map(({ attempt, task, proof, identity }) => ({
      attempt,
      task,
      proof,
      pid: identity?.pid ?? null,
    })),
    runs: status?.runs ?? [],
    counts: status?.counts ?? null,
    attention: view.attention,
    problems: view.problems,
  }
  return `${JSON.stringify(object)}\n`
}

const childOf = ({ record, proof, because, heartbeat }: ChildView, now: Instant) => ({
  id: record.id,
  role: record.role,
  group: record.group,
  wanted: record.wanted,
  state: record.state,
  liveness: record.liveness,
  proof,
  because,
  pid: record.identity?.pid ?? null,
  incarnation: record.incarnation,
  restarts: record.restarts,
  reason: record.reason,
  provedAgeMs: record.provedAt && wholeMs(now, record.provedAt),
  nextInMs: record.nextAt && wholeMs(record.nextAt, now),
  heartbeat: heartbeat && {
    ageMs: wholeMs(now, heartbeat.at),
    incarnation: heartbeat.incarnation,
    doing: heartbeat.doing,
    detail: heartbeat.detail,
  },
})

const wholeMs = (later: Instant, earlier: Instant): number => Math.round(ageMs(later, earlier))
