import { awaitKeeper } from '../../../supervisor/keeper/await-keeper.ts'
import { inspectKeeper } from '../../../supervisor/keeper/inspect-keeper.ts'
import { keeperFiles } from '../../../supervisor/keeper/keeper-files.ts'
import type { KeeperHolder } from '../../../supervisor/keeper/own-keeper.ts'
import { startKeeper } from '../../../supervisor/keeper/start-keeper.ts'
import { stopKeeper } from '../../../supervisor/keeper/stop-keeper.ts'
import type { KeeperPort } from '../../effects/keeper-port.ts'
import type { Clock } from '../../platform/clock.ts'
import type { StateLayout } from '../../platform/state-layout.ts'

/** The keepers of one state folder, as effects use them. */
export const keeperPort = (layout: StateLayout, owner: KeeperHolder, clock: Clock): KeeperPort => {
  const awaited = new Set<string>()
  return {
    exists: (attempt) => inspectKeeper(layout.keeperDir(attempt)).state !== 'absent',
    start: (spec, secrets) => startKeeper({ layout, spec, owner, secrets, clock }),
    await: async (attempt, signal) => {
      awaited.add(attempt)
      try {
        const ended = await awaitKeeper(layout.keeperDir(attempt), { clock, signal })
        return ended.ending === 'keeper_lost' ? { ending: 'lost' } : ended
      } finally {
        awaited.delete(attempt)
      }
    },
    awaited: () => [...awaited],
    stop: async (attempt, reason) => {
      const before = inspectKeeper(layout.keeperDir(attempt)).state
      await stopKeeper(layout.keeperDir(attempt), { clock, reason })
      return before === 'running'
    },
    streams: (attempt) => {
      const files = keeperFiles(layout.keeperDir(attempt))
      return { stdoutFile: files.stdout, stderrFile: files.stderr }
    },
  }
}
