import type { Instant } from '../contracts/instant.ts'
import type { JsonValue } from '../contracts/json.ts'
import type { Clock } from '../platform/clock.ts'
import { randomHex } from '../platform/random.ts'

/** The only time and the only randomness a machine sees; drawn once a turn, and journaled with its event. */
export interface Stamp {
  readonly now: Instant
  /** 128 random bits, hexadecimal. */
  readonly nonce: string
}

export const drawStamp = (clock: Clock): Stamp => ({ now: clock.now(), nonce: randomHex(16) })

/** An event or start input as the machine gets it. */
export const stamped = <T extends Readonly<Record<string, JsonValue>>>(
  value: T,
  { now, nonce }: Stamp,
): T & { readonly nowMs: number; readonly nonce: string } => ({ ...value, nowMs: now.wallMs, nonce })
