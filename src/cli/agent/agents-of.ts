import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { type StateLayout, stateLayout } from '../../platform/state-layout.ts'
import { manifestPath, readManifest } from '../compose/read-manifest.ts'
import { type StateOptions, selectStateDir } from '../compose/select-state.ts'
import { currentManifest } from '../compose/stored-manifest.ts'

/**
 * The manifest whose profiles are meant, and the state folder their programs are pinned in. With --name or --state-dir
 * it is the one in force there.
 * @throws UsageError when nothing names a system; RefusedError `never_run` for a state folder without one.
 */
export const agentsOf = async (
  options: StateOptions,
): Promise<{ manifest: CompiledManifest; layout: StateLayout }> => {
  if (options.stateDir !== undefined || options.name !== undefined) {
    const layout = stateLayout(await selectStateDir(options))
    return { manifest: currentManifest(layout), layout }
  }
  const { manifest } = readManifest(manifestPath(options.manifest))
  return { manifest, layout: stateLayout(manifest.stateDir) }
}
