import type { CommandCeilings } from '../../checks/command-ceilings.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'

/** What the manifest lets one command of setup or checks take. A manifest that an older version compiled has no limits. */
export const commandCeilings = ({ limits }: Pick<CompiledManifest, 'limits'>): CommandCeilings => ({
  memoryBytes: limits.maxMemoryBytes ?? null,
  processes: limits.maxProcesses ?? null,
  diskBytes: limits.maxDiskBytes ?? null,
})
