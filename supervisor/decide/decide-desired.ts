/** What the tree as a whole is doing; the states of supervisor.machine.ts. */
export type TreePhase =
  | 'booting'
  | 'adopting'
  | 'running'
  | 'paused'
  | 'draining'
  | 'stopping'
  | 'killing'
  | 'stopped'

export type Wanted = 'up' | 'down' | 'paused'

const BY_PHASE: Record<TreePhase, Wanted> = {
  booting: 'paused',
  adopting: 'paused',
  running: 'up',
  paused: 'paused',
  // Children go on with what they hold, but a dead one is not started again.
  draining: 'paused',
  stopping: 'down',
  killing: 'down',
  stopped: 'down',
}

/**
 * What we want of a child. `paused` means: leave it as it is, start nothing.
 * @param removed its spec is no longer in the manifest.
 */
export const decideDesired = (phase: TreePhase, removed: boolean): Wanted => {
  if (BY_PHASE[phase] === 'down') return 'down'
  return removed ? 'paused' : BY_PHASE[phase]
}
