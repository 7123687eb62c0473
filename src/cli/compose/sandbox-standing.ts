import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { findSandbox } from '../../platform/sandbox/find-sandbox.ts'

/** Who runs outside the walls: setup and checks with `sandbox: off` at the top, and agents whose profile says so. */
const outside = ({ sandbox, agents }: CompiledManifest): string[] => [
  ...(sandbox === 'off' ? ['setup and checks'] : []),
  ...Object.values(agents).flatMap((agent) => (agent.sandbox === 'off' ? [`agent ${agent.key}`] : [])),
]

/** True where nothing that an agent wrote or runs can read what belongs to the person who runs us. */
export const isIsolated = (manifest: CompiledManifest): boolean =>
  outside(manifest).length === 0 && findSandbox().ok

/** The sandbox as status shows it: the profile's name and who is outside, or `off`. */
export const sandboxStanding = (manifest: CompiledManifest): string => {
  const { sandbox, agents } = manifest
  if (sandbox === 'off' && Object.values(agents).every((agent) => agent.sandbox === 'off')) return 'off'
  const facts = findSandbox()
  if (!facts.ok) return `missing (${facts.missing})`
  const without = outside(manifest)
  return without.length === 0 ? facts.profile : `${facts.profile} (off for ${without.join(', ')})`
}
