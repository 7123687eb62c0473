import type { LaneName } from '../../contracts/lane-name.ts'

/** What to do where work waits for a lane that the manifest does not have. */
export const turnOnLane = (lane: LaneName): string =>
  `Turn the lane ${lane} on: add lanes.${lane} to the manifest; nobody else takes up what waits for it`
