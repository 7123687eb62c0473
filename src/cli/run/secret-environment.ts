import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'

/**
 * The variables that `auth: {env: …}` of the manifest's agents names: these and no others of our environment reach a
 * lane, and from it only the agent that names them. A lane has those of other lanes' agents too: whatever work it is
 * handed, it looks for every secret in it before anything is pushed.
 */
export const secretEnvironment = ({ agents }: Pick<CompiledManifest, 'agents'>): Record<string, string> => {
  const names = Object.values(agents)
    .flatMap(({ secrets }) => Object.values(secrets))
    .flatMap((ref) => ('env' in ref ? [ref.env] : []))
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
