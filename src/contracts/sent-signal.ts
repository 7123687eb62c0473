import type { ContainmentLevel } from './agent-run.ts'
import type { KeeperExit } from './keeper.ts'

/** Signals that somebody sends, by their numbers; the others (SEGV, ABRT …) are the program's own doing. */
const SENT: ReadonlyMap<number, string> = new Map([
  [1, 'SIGHUP'],
  [2, 'SIGINT'],
  [3, 'SIGQUIT'],
  [9, 'SIGKILL'],
  [15, 'SIGTERM'],
])

/** What the shell that is the first process of a namespace adds to the number of the signal that ended its child. */
const ENDED_BY = 128

/** The signal by which an agent ended and which somebody must have sent; null where it ended otherwise. */
export const sentSignal = (
  { exitCode, signal }: Pick<KeeperExit, 'exitCode' | 'signal'>,
  level: ContainmentLevel,
): string | null => {
  if (signal !== null) return [...SENT.values()].includes(signal) ? signal : null
  return level === 'namespace' ? (SENT.get((exitCode ?? 0) - ENDED_BY) ?? null) : null
}
