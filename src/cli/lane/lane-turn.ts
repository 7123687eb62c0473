import { type ActorRefFrom, createActor } from 'xstate'
import { doingOf, laneWatcherMachine, mayClaim } from '../../../machines/live/lane-watcher.machine.ts'
import { createParentWatch } from '../../../supervisor/child-side/parent-watch.ts'
import type { ChildContext } from '../../../supervisor/child-side/read-child-context.ts'
import type { TurnHands, TurnReport } from '../../../supervisor/child-side/work-loop.ts'
import { readControl } from '../../../supervisor/control-file.ts'
import type { Board } from '../../board/board.ts'
import type { Ledger } from '../../budget/ledger.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import type { LaneName } from '../../contracts/lane-name.ts'
import type { Host } from '../../durable/host.ts'
import type { Store } from '../../durable/store.ts'
import type { KeeperPort } from '../../effects/keeper-port.ts'
import type { RunAgentPorts } from '../../effects/run-agent.ts'
import type { Clock } from '../../platform/clock.ts'
import { ageMs } from '../../platform/instant-math.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { claimWork } from './claim-work.ts'
import type { LaneStream } from './lane-stream.ts'
import { triageBlocked } from './triage-blocked.ts'

export interface LaneParts {
  readonly lane: LaneName
  readonly child: ChildContext
  readonly manifest: CompiledManifest
  readonly clock: Clock
  readonly store: Store
  readonly board: Board
  readonly ledger: Ledger
  readonly host: Host
  readonly keepers: KeeperPort
  readonly programOf: RunAgentPorts['programOf']
  readonly stream: LaneStream
  readonly log: Logger
}

type LaneWatcher = ActorRefFrom<typeof laneWatcherMachine>

/** How long recovering may take before the supervisor is right to call it hung. */
const RECOVERY_BUSY_MS = 2 * 60_000
/** How long a stop waits for effects that are about to commit. */
const STOP_GRACE_MS = 3_000
/** How long a stop may take in all: its agents are given their grace to end. */
const STOP_BUSY_MS = 60_000

/**
 * The turn of a lane's loop: hear the supervisor, commit one event, claim what may be claimed, say where we stand. The
 * lane-watcher machine decides what is allowed; nothing here waits for an effect.
 */
export const createLaneTurn = (parts: LaneParts) => {
  const { lane, child, manifest, clock, host, stream } = parts
  const watcher = createActor(laneWatcherMachine, { input: { lane } }).start()
  const parent = createParentWatch(child.layout, clock, manifest.supervision.orphanTimeoutMs)
  const pollMs = manifest.lanes[lane]?.pollIntervalMs ?? 60_000
  let stopRequested = false
  watcher.send({ type: 'STARTED' })

  const report = (wakeInMs: number, done = false): TurnReport & { wakeInMs: number } => {
    const snapshot = watcher.getSnapshot()
    return {
      doing: doingOf(snapshot),
      detail: detailOf(host, snapshot.context.refusal?.reason ?? null),
      progress: stream.progress(),
      wakeInMs,
      done: done || snapshot.status === 'done',
    }
  }

  const take = async (hands: TurnHands): Promise<TurnReport & { wakeInMs: number }> => {
    if (watcher.getSnapshot().matches('recovering')) {
      hands.declareBusy(RECOVERY_BUSY_MS, 'recovering what earlier lives left')
      await host.recover()
      watcher.send({ type: 'RECOVERED', holding: host.running().length > 0 })
    }
    hearSupervisor(watcher, child, parent)
    if (stopRequested) {
      hands.declareBusy(STOP_BUSY_MS, 'stopping')
      await stop(parts)
      return report(0, true)
    }
    const step = await host.step()
    if (host.running().length === 0 && !step.worked) watcher.send({ type: 'HELD_EMPTY' })
    else watcher.send({ type: 'WORK_FOUND' })
    const claimed = !step.worked && mayClaimNow(watcher) ? await lookForWork(watcher, parts) : false
    if (step.worked || claimed) return report(0)
    const timerMs = step.nextTimer === null ? pollMs : ageMs(step.nextTimer, clock.now())
    const refusedMs = (watcher.getSnapshot().context.refusal?.untilMs ?? Infinity) - clock.monoMs()
    return report(Math.max(1, Math.min(pollMs, timerMs, refusedMs)))
  }

  return {
    take,
    /** SIGTERM: the next turn ends the lane. */
    requestStop: (): void => {
      stopRequested = true
    },
  }
}

const hearSupervisor = (
  watcher: LaneWatcher,
  child: ChildContext,
  parent: ReturnType<typeof createParentWatch>,
): void => {
  const control = readControl(child.layout)
  const mode = control?.draining.includes(child.child) ? 'drain' : (control?.mode ?? 'run')
  const { paused } = watcher.getSnapshot().context
  if (mode === 'drain') watcher.send({ type: 'DRAIN' })
  if (mode === 'pause' && !paused) watcher.send({ type: 'PAUSE' })
  if (mode === 'run' && paused) watcher.send({ type: 'UNPAUSE' })
  const changed = parent.check()
  if (changed !== null) watcher.send({ type: changed })
}

/** Held back and idle lanes look again at every turn: a turn comes only when something rang or the time is over. */
const mayClaimNow = (watcher: LaneWatcher): boolean => {
  watcher.send({ type: 'POLL' })
  return mayClaim(watcher.getSnapshot())
}

const lookForWork = async (watcher: LaneWatcher, parts: LaneParts): Promise<boolean> => {
  if (parts.lane === 'improve') await triageBlocked(parts)
  const claimed = await claimWork(parts)
  if (claimed.result === 'refused') {
    const { reason, retryInMs } = claimed
    const untilMs = retryInMs === null ? null : parts.clock.monoMs() + retryInMs
    watcher.send({ type: 'ADMISSION_REFUSED', reason, untilMs })
  } else watcher.send({ type: claimed.result === 'claimed' ? 'WORK_FOUND' : 'NO_WORK' })
  return claimed.result === 'claimed'
}

/** Ends as a person asked: nothing new, outcomes committed, leases given back; agents stop unless they are to be kept. */
const stop = async ({ host, keepers, child, stream }: LaneParts): Promise<void> => {
  const control = readControl(child.layout)
  const attempts = keepers.awaited()
  await host.stop({ graceMs: STOP_GRACE_MS })
  if (control?.mode === 'stop' && !control.keepAgents) {
    await Promise.all(attempts.map((attempt) => keepers.stop(attempt, 'shutdown')))
  }
  await stream.append('stopped', {})
}

const detailOf = (host: Host, refusal: string | null): string => {
  const running = host.running().map(({ name, actor }) => `${name} ${actor}`)
  return running.join(', ') || (refusal ?? 'nothing to do')
}
