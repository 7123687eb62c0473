import { statSync } from 'node:fs'
import type { ChildSpec } from '../src/contracts/child-spec.ts'
import { Heartbeat } from '../src/contracts/liveness.ts'
import type { IdentityProof, ProcessIdentity } from '../src/contracts/process-identity.ts'
import type { ProcessIntent } from '../src/contracts/registration.ts'
import { readJsonFile } from '../src/platform/atomic-file.ts'
import type { Clock } from '../src/platform/clock.ts'
import { ageMs } from '../src/platform/instant-math.ts'
import { proveIdentity } from '../src/platform/process-identity.ts'
import type { ExitStatus } from '../src/platform/spawn-registered.ts'
import type { StateLayout } from '../src/platform/state-layout.ts'
import { BUSY_CAP_MS, decideLiveness, type LivenessVerdict } from './decide/decide-liveness.ts'
import type { Probe } from './probe.ts'
import { hasOtherThreads } from './process-facts.ts'

/** The process of one incarnation: spawned by us, or adopted. */
export interface LivingProcess {
  readonly intent: ProcessIntent
  readonly identity: ProcessIdentity
  readonly dir: string
}

/** One life of one child: what its witnesses said of it so far. Nothing here survives into the next life. */
export interface ChildLife {
  readonly process: LivingProcess
  /** How it ended, once it has; null for an adopted process, whose exit nobody tells us. */
  readonly exited: Promise<ExitStatus> | null
  readonly startedMs: number
  readonly probe: Probe | null
  /** Monotonic ms since which it is ready; null before. */
  readyMs: number | null
  /** Ready for `resetAfterMs`. */
  healthy: boolean
  /** Its silence was once put down to the host. */
  wasSuppressed: boolean
  /** Asks, and looks for answers, if due. `eager` while somebody waits for the answer. */
  step(eager: boolean): void
  /** What its witnesses prove now. */
  liveness(world: { readonly graceLeftMs: number; readonly overloaded: boolean }): LivenessVerdict
  /** Whether it says so itself, by the means of its spec. */
  isReady(): boolean
  /** Its last heartbeat, read anew; null if this incarnation has sent none. */
  heartbeat(): Heartbeat | null
  dueMs(): number
  startOver(): void
  close(): void
}

/** How often we look whether a child that is not ready has become so, in ms. */
const READY_LOOK_MS = 50
/** How often we look whether an adopted child lives: its exit is not reported to us, in ms. */
const ADOPTED_LOOK_MS = 1_000

/** Begins a life. `readyProbe` is a probe asked for readiness alone (`ready.by: http`). */
export const createChildLife = (options: {
  readonly spec: ChildSpec
  readonly process: LivingProcess
  readonly exited: Promise<ExitStatus> | null
  readonly layout: StateLayout
  readonly clock: Clock
  readonly probe: Probe | null
  readonly readyProbe: Probe | null
}): ChildLife => {
  const { spec, process, layout, clock, probe, readyProbe } = options
  const startedMs = clock.monoMs()
  let lookedMs = startedMs
  let haltedSinceMs: number | null = null
  let beat: Heartbeat | null = null

  const readBeat = (): Heartbeat | null => {
    const read = readJsonFile(layout.heartbeat(spec.id), Heartbeat)
    if (read.ok && read.value.incarnation === process.intent.incarnation) beat = read.value
    return beat
  }

  /** Silence is counted from the last stamp, or from the end of a declared wait: before that none is due. */
  const silentMs = (): number | null => {
    const silence = beat === null ? null : ageMs(clock.now(), beat.at) - declaredMs(beat)
    return silence === null ? null : Math.max(0, silence)
  }

  const freshBeat = (): number | null => {
    const known = silentMs()
    if (known !== null && known < spec.heartbeat.staleAfterMs) return known
    readBeat()
    return silentMs()
  }

  const busyLeftMs = (): number =>
    beat === null ? 0 : Math.max(0, declaredMs(beat) - ageMs(clock.now(), beat.at))

  const isExcused = (): boolean => {
    readBeat()
    return busyLeftMs() > 0
  }

  const noteHalt = (proof: IdentityProof): void => {
    haltedSinceMs = proof.proof === 'halted' ? (haltedSinceMs ?? clock.monoMs()) : null
  }

  const life: ChildLife = {
    process,
    exited: options.exited,
    startedMs,
    probe,
    readyMs: null,
    healthy: false,
    wasSuppressed: false,
    step: (eager) => {
      probe?.step({ eager, excused: isExcused })
      if (life.readyMs === null) readyProbe?.step({ eager: true, excused: () => true })
    },
    liveness: ({ graceLeftMs, overloaded }) => {
      lookedMs = clock.monoMs()
      const identity = proveIdentity(process.identity)
      noteHalt(identity)
      const heartbeatAgeMs = spec.liveness === 'nonce' ? freshBeat() : null
      return decideLiveness({
        kind: spec.liveness,
        identity,
        exited:
          identity.proof === 'halted' &&
          (identity.state === 'Z' || identity.state === 'X') &&
          !hasOtherThreads(process.identity.pid),
        haltedForMs: haltedSinceMs === null ? 0 : lookedMs - haltedSinceMs,
        heartbeatAgeMs,
        staleAfterMs: spec.heartbeat.staleAfterMs,
        busyLeftMs: busyLeftMs(),
        busySinceMs: beat === null ? 0 : ageMs(clock.now(), beat.at),
        unanswered: probe?.unanswered ?? 0,
        misses: spec.probe.misses,
        graceLeftMs,
        hostOverloaded: overloaded,
      })
    },
    isReady: () => {
      switch (spec.ready.by) {
        case 'spawn':
          return true
        case 'nonce':
          return probe?.provedAt != null
        case 'file':
          return isNewerThan(spec.ready.path, process.intent.at.wallMs)
        case 'http':
          return readyProbe?.provedAt != null
        case 'exit':
          return false
      }
    },
    heartbeat: readBeat,
    dueMs: () => {
      const dues = [
        lookedMs +
          (options.exited === null ? Math.min(ADOPTED_LOOK_MS, spec.probe.everyMs) : spec.probe.everyMs),
      ]
      if (probe !== null) dues.push(probe.dueMs())
      if (haltedSinceMs !== null) dues.push(haltedSinceMs + spec.heartbeat.staleAfterMs)
      if (life.readyMs === null)
        dues.push(lookedMs + READY_LOOK_MS, readyProbe?.dueMs() ?? Number.POSITIVE_INFINITY)
      else if (spec.liveness === 'nonce') dues.push(staleDueMs())
      return Math.min(...dues)
    },
    startOver: () => {
      probe?.startOver()
      readyProbe?.startOver()
      haltedSinceMs = haltedSinceMs === null ? null : clock.monoMs()
    },
    close: () => {
      probe?.close()
      readyProbe?.close()
    },
  }

  /** When the heartbeat we know of goes stale; once it has, the probe's own times decide. */
  const staleDueMs = (): number => {
    const silence = silentMs()
    if (silence === null || silence >= spec.heartbeat.staleAfterMs) return Number.POSITIVE_INFINITY
    return clock.monoMs() + busyLeftMs() + spec.heartbeat.staleAfterMs - silence
  }
  return life
}

/** How long a heartbeat excuses silence, counted from its stamp and capped. */
const declaredMs = (beat: Heartbeat): number =>
  beat.busyUntil === null ? 0 : Math.min(BUSY_CAP_MS, ageMs(beat.busyUntil, beat.at))

/** A file left by an earlier life proves nothing. */
const isNewerThan = (path: string, wallMs: number): boolean => {
  try {
    return statSync(path).mtimeMs >= wallMs
  } catch {
    return false
  }
}
