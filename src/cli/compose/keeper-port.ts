import { awaitKeeper } from '../../../supervisor/keeper/await-keeper.ts'
import { inspectKeeper } from '../../../supervisor/keeper/inspect-keeper.ts'
import { keeperFiles } from '../../../supervisor/keeper/keeper-files.ts'
import type { KeeperHolder } from '../../../supervisor/keeper/own-keeper.ts'
import { retireKeeper } from '../../../supervisor/keeper/retire-keeper.ts'
import { adoptKeeper, startKeeper } from '../../../supervisor/keeper/start-keeper.ts'
import { stopKeeper } from '../../../supervisor/keeper/stop-keeper.ts'
import { KeeperSpec } from '../../contracts/keeper.ts'
import type { KeeperPort } from '../../effects/keeper-port.ts'
import { readJsonFile } from '../../platform/atomic-file.ts'
import type { Clock } from '../../platform/clock.ts'
import type { StateLayout } from '../../platform/state-layout.ts'

/** The keepers of one state folder, as effects use them. */
export const keeperPort = (layout: StateLayout, owner: KeeperHolder, clock: Clock): KeeperPort => {
  const awaited = new Set<string>()
  return {
    exists: (attempt) => inspectKeeper(layout.keeperDir(attempt)).state !== 'absent',
    adopt: async (attempt) => {
      const adopted = await adoptKeeper({ layout, attempt, owner, clock })
      if (adopted === null || !adopted.ok) return adopted
      const spec = readSpec(layout, attempt)
      return spec.ok ? { ok: true, spec: spec.value } : { ok: false, reason: spec.message }
    },
    specOf: (attempt) => {
      const spec = readSpec(layout, attempt)
      return spec.ok ? spec.value : null
    },
    start: (spec, secrets) => startKeeper({ layout, spec, owner, secrets, clock }),
    await: async (attempt, signal) => {
      awaited.add(attempt)
      try {
        const ended = await awaitKeeper(layout.keeperDir(attempt), { clock, signal })
        if (ended.ending !== 'aborted') await retireKeeper(layout, attempt)
        return ended.ending === 'keeper_lost' ? { ending: 'lost' } : ended
      } finally {
        awaited.delete(attempt)
      }
    },
    exitOf: (attempt) => {
      const facts = inspectKeeper(layout.keeperDir(attempt))
      return facts.state === 'exited' ? facts.exit : null
    },
    awaited: () => [...awaited],
    stop: async (attempt, reason) => {
      const dir = layout.keeperDir(attempt)
      // One that is on its way and has not taken its folder yet must not come to run its agent behind our back.
      if (inspectKeeper(dir).state === 'absent') await retireKeeper(layout, attempt)
      const before = inspectKeeper(dir).state
      if (before !== 'absent') await stopKeeper(dir, { clock, reason })
      await retireKeeper(layout, attempt)
      return before === 'running'
    },
    streams: (attempt) => {
      const files = keeperFiles(layout.keeperDir(attempt))
      return { stdout: { file: files.stdout }, stderr: { file: files.stderr } }
    },
  }
}

const readSpec = (layout: StateLayout, attempt: string) =>
  readJsonFile(keeperFiles(layout.keeperDir(attempt)).spec, KeeperSpec)
