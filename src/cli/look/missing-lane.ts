import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import type { LaneName } from '../../contracts/lane-name.ts'

/** What to do where a manifest has a lane off, so that nobody takes up what waits for it; null where it is on. */
export const missingLane = ({ lanes }: Pick<CompiledManifest, 'lanes'>, lane: LaneName): string | null =>
  lanes[lane] === undefined
    ? `Turn the lane ${lane} on: add lanes.${lane} to the manifest; nobody else takes up what waits for it`
    : null
