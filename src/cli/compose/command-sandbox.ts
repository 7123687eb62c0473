import type { CommandSandbox } from '../../checks/run-contained.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { findSandbox } from '../../platform/sandbox/find-sandbox.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { hiddenPlaces } from './hidden-places.ts'

/** The walls of setup and checks; null where the manifest says `sandbox: off`. */
export const commandSandbox = (
  manifest: CompiledManifest,
  layout: StateLayout,
): Omit<CommandSandbox, 'network'> | null => {
  if (manifest.sandbox === 'off') return null
  const facts = findSandbox()
  // A host that has lost its sandbox since refuses when it is entered.
  const profile = facts.ok ? facts.profile : 'missing'
  return { profile, readable: manifest.sandboxRead, hidden: hiddenPlaces(manifest, layout) }
}
