import type { CompiledManifest, LaneConfig } from '../../contracts/compiled-manifest.ts'

/**
 * The variables a lane needs to resolve its agent's `auth: {env: …}`: these and no others of our environment reach the
 * lane, and from it only the agent that names them.
 */
export const secretEnvironment = (manifest: CompiledManifest, lane: LaneConfig): Record<string, string> => {
  const agent = lane.agent === null ? undefined : manifest.agents[lane.agent]
  const names = Object.values(agent?.secrets ?? {}).flatMap((ref) => ('env' in ref ? [ref.env] : []))
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
