import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { agentsOfLane } from '../../contracts/lane-for.ts'
import type { LaneName } from '../../contracts/lane-name.ts'

/**
 * The variables a lane needs to resolve `auth: {env: …}` of the agents that may do its work: these and no others of our environment reach the
 * lane, and from it only the agent that names them.
 */
export const secretEnvironment = (manifest: CompiledManifest, lane: LaneName): Record<string, string> => {
  const names = agentsOfLane(manifest, lane)
    .flatMap((agent) => Object.values(manifest.agents[agent]?.secrets ?? {}))
    .flatMap((ref) => ('env' in ref ? [ref.env] : []))
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
