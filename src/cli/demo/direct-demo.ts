import { join } from 'node:path'
import { StatusFile } from '../../contracts/status.ts'
import { readJsonFile } from '../../platform/atomic-file.ts'
import { systemClock } from '../../platform/clock.ts'
import { killProcess } from '../../platform/kill-process.ts'
import type { RegisteredProcess } from '../../platform/spawn-registered.ts'
import { stateLayout } from '../../platform/state-layout.ts'
import { followFile } from './follow-file.ts'
import type { DemoStage } from './stage-demo.ts'
import { startRun } from './start-run.ts'

const LOOK_EVERY_MS = 50
/** How many lives a demo may take before we call it broken. */
const MOST_STARTS = 5

/**
 * Plays the demo: runs the staged manifest until it is idle and shows its lines. With deaths, a lane is killed while
 * it works and the supervisor after it; the supervisor is then started again and finds everything.
 * @returns the exit code of the last run.
 */
export const directDemo = async (
  stage: DemoStage,
  options: { readonly withDeaths: boolean; readonly say: (text: string) => void },
): Promise<number> => {
  const { say } = options
  const deaths = options.withDeaths ? [killLane, killSupervisor] : []
  for (let starts = 1; starts <= MOST_STARTS; starts += 1) {
    const log = join(stage.folder, `run-${starts}.log`)
    const run = await startRun(stage, log)
    const follow = followFile(log, say)
    let ended: number | null | undefined
    void run.exited.then(({ exitCode }) => {
      ended = exitCode
    })
    while (ended === undefined) {
      follow.look()
      const said = deaths[0]?.(stage, run)
      if (said !== undefined) {
        deaths.shift()
        say(said)
      }
      await systemClock.sleep(LOOK_EVERY_MS)
    }
    follow.look()
    if (ended !== null) return ended
    say('— and started again: it finds what was under way —')
  }
  return 1
}

/** Tells what it did once it has struck; undefined while the moment has not come. */
type Death = (stage: DemoStage, run: RegisteredProcess) => string | undefined

const killLane: Death = (stage) => {
  const status = readStatus(stage)
  const lane = status?.children.find(({ id }) => id === 'goal')
  if (lane?.identity == null || (status?.keepers.length ?? 0) === 0) return undefined
  if (!killProcess(lane.identity)) return undefined
  return `— kill -9 of the lane goal (pid ${lane.identity.pid}) while its agents work —`
}

const killSupervisor: Death = (stage, run) => {
  const status = readStatus(stage)
  if ((status?.counts.review ?? 0) === 0) return undefined
  if (!killProcess(run.identity)) return undefined
  return `— kill -9 of the supervisor (pid ${run.identity.pid}); its lanes live on —`
}

const readStatus = (stage: DemoStage): StatusFile | null => {
  const read = readJsonFile(stateLayout(stage.stateDir).status, StatusFile)
  return read.ok ? read.value : null
}
