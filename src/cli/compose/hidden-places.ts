import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import type { StateLayout } from '../../platform/state-layout.ts'

/** Never shown inside a sandbox, wherever they lie: our state, and the files that agents' secrets come from. */
export const hiddenPlaces = (manifest: CompiledManifest, layout: StateLayout): string[] => [
  layout.root,
  ...Object.values(manifest.agents).flatMap(({ secrets }) =>
    Object.values(secrets).flatMap((ref) => ('file' in ref ? [ref.file] : [])),
  ),
]
