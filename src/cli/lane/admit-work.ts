import { agentType } from '../../agents/agent-types.ts'
import { agentsFor, agentsOfLane, laneFor } from '../../contracts/lane-for.ts'
import type { TaskKind } from '../../contracts/lane-name.ts'
import type { BoardTask } from '../../contracts/task.ts'
import { countsOf } from '../../effects/spend-request.ts'
import { readHostResources } from '../../platform/host-resources.ts'
import { type Admission, decideAdmission, type Hindrance, hostHindrance } from './decide-admission.ts'
import type { LaneParts } from './lane-turn.ts'
import { programRefusals } from './program-refusals.ts'

/** Whether a lane may claim a task of its kind now: host, money, programs and concurrency are asked. Claims nothing. */
export const admitWork = async (parts: LaneParts, kind: TaskKind): Promise<Admission> => {
  const { manifest, ledger } = parts
  const hindrance = hostHindrance(await hostFacts(parts, kind))
  if (hindrance !== null) return { admitted: false, ...hindrance }
  const repos = Object.keys(manifest.repos)
  const running = await tasksAtWork(parts)
  const refusals = await Promise.all(
    agentsOfLane(manifest, kind).map(async (key) => {
      const agent = manifest.agents[key]
      if (agent === undefined) return new Map<string, Hindrance>()
      const counts = countsOf(agent, agentType(agent.type))
      const ofMoney = await ledger.refusals({ agent: key, lane: kind, counts }, repos)
      const ofTrial = await programRefusals(parts, agent, repos)
      const others = elsewhere(parts, kind, key)
      return new Map([...ofConcurrency(parts, key, running), ...ofMoney, ...ofTrial, ...others])
    }),
  )
  return decideAdmission(repos, refusals)
}

/** Repositories where an agent of this lane does none of its work. */
const elsewhere = ({ manifest }: LaneParts, kind: TaskKind, agent: string): [string, Hindrance][] =>
  Object.keys(manifest.repos)
    .filter((repo) => !agentsFor(manifest, repo, kind).includes(agent))
    .map((repo) => [repo, { reason: `repos.${repo}.lanes.${kind} leaves ${agent} out`, retryInMs: null }])

/** What the ledger cannot know yet: tasks that were claimed and have not come to run their agent. */
const ofConcurrency = (
  { manifest }: LaneParts,
  agent: string,
  running: readonly BoardTask[],
): Map<string, Hindrance> => {
  const ofAgent = running.filter(
    ({ spec }) => laneFor(manifest, spec.repo, spec.kind)?.agent === agent,
  ).length
  return new Map(
    Object.values(manifest.repos).flatMap((repo): [string, Hindrance][] => {
      const ofRepo = running.filter(({ spec }) => spec.repo === repo.key).length
      const reason =
        full(`repos.${repo.key}.concurrency`, ofRepo, repo.concurrency) ??
        full(`agents.${agent}.concurrency`, ofAgent, manifest.agents[agent]?.concurrency ?? null)
      return reason === null ? [] : [[repo.key, { reason, retryInMs: null }]]
    }),
  )
}

const full = (key: string, running: number, limit: number | null): string | null =>
  limit === null || running < limit ? null : `${key}: ${running} of ${limit} at work`

/** Read only where a key asks for it. */
const tasksAtWork = async ({ board, manifest }: LaneParts): Promise<readonly BoardTask[]> => {
  const own = [...Object.values(manifest.repos), ...Object.values(manifest.agents)]
  if (own.every(({ concurrency }) => concurrency === null)) return []
  return board.list({ state: 'Running', limit: MOST_AT_WORK })
}

/** More than `limits.concurrency` allows. */
const MOST_AT_WORK = 300

const hostFacts = async ({ board, manifest, lane }: LaneParts, kind: TaskKind) => {
  const [laneRunning, allRunning] = await Promise.all([
    board.count({ state: 'Running', kind }),
    board.count({ state: 'Running' }),
  ])
  return {
    laneRunning,
    laneConcurrency: manifest.lanes[lane]?.concurrency ?? 1,
    allRunning,
    allConcurrency: manifest.limits.concurrency,
    ...readHostResources(manifest.stateDir),
    minFreeMemoryBytes: manifest.limits.minFreeMemoryBytes,
    minFreeDiskBytes: manifest.limits.minFreeDiskBytes,
  }
}
