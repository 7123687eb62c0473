import { z } from 'zod'

/** What names one process for good: a pid alone is reused, pid + start time + boot is not. */
export const ProcessIdentity = z.object({
  pid: z.number().int().positive(),
  /** Field 22 of /proc/PID/stat (clock ticks since boot); elsewhere the start time `ps` prints, as a number. */
  startTicks: z.number().nonnegative(),
  bootId: z.string().min(1),
})
export type ProcessIdentity = z.infer<typeof ProcessIdentity>

/** What the operating system says of an identity right now. */
export type IdentityProof =
  | { proof: 'alive'; state: string }
  /** Still there but not running: `T` stopped, `Z` zombie. Never fresh. */
  | { proof: 'halted'; state: 'T' | 't' | 'Z' | 'X' }
  /** No such pid, another start time, or another boot. */
  | { proof: 'gone' }
  /** The operating system did not answer; proves nothing. */
  | { proof: 'unknown'; reason: string }
