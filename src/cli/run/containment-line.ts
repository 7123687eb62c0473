import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { bestContainment } from '../../platform/containment.ts'
import { sandboxStanding } from '../compose/sandbox-standing.ts'

/** What contains the agents of a run, in one honest sentence. */
export const containmentLine = (manifest: CompiledManifest): string => {
  const processes =
    bestContainment() === 'namespace'
      ? 'processes end with their namespace'
      : 'processes are swept by group and mark (best effort)'
  const standing = sandboxStanding(manifest)
  const sandbox =
    standing === 'off' ? 'sandbox off: agents can read what you can read' : `sandbox ${standing}`
  const recorded = Object.values(manifest.agents).some((agent) => agent.type === 'recorded')
  return `${processes}; ${sandbox}${recorded ? '; recorded agents replay recordings, no model runs' : ''}`
}
