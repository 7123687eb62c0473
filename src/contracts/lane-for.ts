import type { CompiledManifest, LaneConfig, LaneOverride } from './compiled-manifest.ts'
import { LANES, type LaneName } from './lane-name.ts'

type Lanes = Pick<CompiledManifest, 'lanes' | 'repos'>

/** A lane as it is for one repository. */
export interface LaneForRepo
  extends Pick<LaneConfig, 'agent' | 'fallbacks' | 'maxAttempts' | 'retryDelayMs'> {
  /** The key that names its agent. */
  readonly agentKey: string
  /** In place of the agent's own limit; null: the agent's. */
  readonly timeoutMs: number | null
}

/** A lane for one repository: what `repos.X.lanes.L` says wins over `lanes.L`, key by key. Null where the lane is off. */
export const laneFor = ({ lanes, repos }: Lanes, repo: string, lane: LaneName): LaneForRepo | null => {
  const base = lanes[lane]
  if (base === undefined) return null
  const own: Partial<LaneOverride> = repos[repo]?.lanes[lane] ?? {}
  const agent = own.agent ?? base.agent
  return {
    agent,
    agentKey: own.agent == null ? `lanes.${lane}.agent` : `repos.${repo}.lanes.${lane}.agent`,
    // Whoever does the work does not stand in for itself.
    fallbacks: (own.fallbacks ?? base.fallbacks).filter((key) => key !== agent),
    timeoutMs: own.timeoutMs ?? null,
    maxAttempts: own.maxAttempts ?? base.maxAttempts,
    retryDelayMs: own.retryDelayMs ?? base.retryDelayMs,
  }
}

/** Who may do a lane's work in one repository: its agent, and who stands in for it. */
export const agentsFor = (manifest: Lanes, repo: string, lane: LaneName): string[] => {
  const config = laneFor(manifest, repo, lane)
  return config?.agent == null ? [] : [config.agent, ...config.fallbacks]
}

/** Tells agents that some lane may run from profiles that nobody uses. */
export const isUsedIn = (manifest: Lanes): ((agent: string) => boolean) => {
  const used = new Set(LANES.flatMap((lane) => agentsOfLane(manifest, lane)))
  return (agent) => used.has(agent)
}

/** Who may do a lane's work in some repository. */
export const agentsOfLane = (manifest: Lanes, lane: LaneName): string[] => [
  ...new Set(Object.keys(manifest.repos).flatMap((repo) => agentsFor(manifest, repo, lane))),
]
