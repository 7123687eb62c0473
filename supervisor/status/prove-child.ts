import type { Instant } from '../../src/contracts/instant.ts'
import type { Heartbeat } from '../../src/contracts/liveness.ts'
import type { IdentityProof } from '../../src/contracts/process-identity.ts'
import type { ChildRecord } from '../../src/contracts/status.ts'
import { ageMs, isDue } from '../../src/platform/instant-math.ts'
import type { Proved } from './decide-claim.ts'

/** What `status` may say of one child, and by which witness. */
export interface ChildProof {
  /** `unwanted`: nobody wants it up now, or it has done its work; it is not asked for proof. */
  readonly proof: Proved | 'unwanted'
  readonly because: string
}

/** A declared long turn never counts for longer, in ms. */
const BUSY_CAP_MS = 20 * 60_000

/**
 * Proves one child anew: its process as the system shows it now, its own heartbeat as it lies on disk now, and the last
 * answer that its supervisor recorded, each as far as its kind of liveness demands. First match decides. The heartbeat of
 * a service is only asked for where no recorded answer is fresh.
 */
export const proveChild = (
  child: ChildRecord,
  process: IdentityProof | null,
  readHeartbeat: () => Heartbeat | null,
  now: Instant,
): ChildProof => {
  if (child.wanted !== 'up') return { proof: 'unwanted', because: `wanted ${child.wanted}` }
  if (child.state === 'finished') return { proof: 'unwanted', because: 'finished' }
  const dead = process === null || process.proof === 'gone'
  if (child.state !== 'ready') {
    return {
      proof: dead ? 'gone' : 'unproven',
      because: [child.state, child.reason].filter(Boolean).join(': '),
    }
  }
  if (dead) return { proof: 'gone', because: 'its process is gone' }
  if (process.proof === 'unknown') return { proof: 'unproven', because: process.reason }
  if (process.proof === 'halted') return HALTED[process.state]
  if (child.liveness === 'identity') return { proof: 'proved', because: 'its process runs' }
  return child.liveness === 'nonce'
    ? proveByNonce(child, readHeartbeat, now)
    : proveByAnswer(child, now, `${child.liveness} check`)
}

const HALTED: Readonly<Record<'T' | 't' | 'Z' | 'X', ChildProof>> = {
  T: { proof: 'unproven', because: 'its process is stopped' },
  t: { proof: 'unproven', because: 'its process is stopped by a debugger' },
  Z: { proof: 'gone', because: 'its process is a zombie' },
  X: { proof: 'gone', because: 'its process is dead' },
}

const proveByNonce = (
  child: ChildRecord,
  readHeartbeat: () => Heartbeat | null,
  now: Instant,
): ChildProof => {
  const answered = proveByAnswer(child, now, 'nonce')
  if (answered.proof === 'proved' && child.role === 'service') return answered
  const heartbeat = readHeartbeat()
  if (heartbeat === null || heartbeat.incarnation !== child.incarnation) {
    return { proof: 'unproven', because: 'no heartbeat of this incarnation' }
  }
  if (isBusy(heartbeat, now)) return { proof: 'proved', because: `busy by its own word: ${heartbeat.detail}` }
  const silentMs = ageMs(now, heartbeat.at)
  return silentMs < child.heartbeatStaleAfterMs
    ? answered
    : { proof: 'unproven', because: `its heartbeat is ${seconds(silentMs)} old` }
}

const proveByAnswer = (child: ChildRecord, now: Instant, what: string): ChildProof => {
  if (child.provedAt === null) return { proof: 'unproven', because: `no ${what} was answered yet` }
  const age = ageMs(now, child.provedAt)
  return age < child.heartbeatStaleAfterMs
    ? { proof: 'proved', because: `${what} answered ${seconds(age)} ago` }
    : { proof: 'unproven', because: `its last answered ${what} is ${seconds(age)} old` }
}

const isBusy = ({ at, busyUntil }: Heartbeat, now: Instant): boolean =>
  busyUntil !== null && !isDue(now, busyUntil) && ageMs(now, at) < BUSY_CAP_MS

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`
