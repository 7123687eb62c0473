import type { StopReason } from '../../src/contracts/agent-run.ts'
import type { KeeperControl } from '../../src/contracts/keeper.ts'
import { writeJsonAtomic } from '../../src/platform/atomic-file.ts'
import type { Clock } from '../../src/platform/clock.ts'
import { endProcess } from '../../src/platform/end-process.ts'
import { awaitKeeper, type KeeperEnding } from './await-keeper.ts'
import { inspectKeeper } from './inspect-keeper.ts'
import { keeperFiles } from './keeper-files.ts'

/** What a keeper may take beyond its agent's grace before we no longer believe in it: sweeping, and a busy host. */
const KEEPER_MARGIN_MS = 15_000

/**
 * Asks a keeper to stop its agent and waits until both are gone. A keeper that does not answer in time (stopped,
 * hung) is ended by its identity, and its agent after it. Nothing to do for a keeper that has ended.
 */
export const stopKeeper = async (
  dir: string,
  {
    clock,
    reason = 'requested',
    marginMs = KEEPER_MARGIN_MS,
  }: { clock: Clock; reason?: StopReason; marginMs?: number },
): Promise<KeeperEnding> => {
  const before = inspectKeeper(dir)
  if (before.state !== 'running') return awaitKeeper(dir, { clock })
  const control: KeeperControl = { ask: 'stop', reason }
  writeJsonAtomic(keeperFiles(dir).control, control)
  const patience = AbortSignal.timeout(before.self.stopGraceMs + marginMs)
  const ended = await awaitKeeper(dir, { clock, signal: patience })
  if (ended.ending !== 'aborted') return ended
  await endProcess(before.self, { signal: 'SIGKILL', graceMs: 0 })
  return awaitKeeper(dir, { clock })
}
