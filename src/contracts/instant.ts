import { z } from 'zod'

/**
 * A point in time as it is written to disk. Within one boot, ages are computed from `monoMs`, so that setting
 * the clock changes nothing; across boots only `wallMs` means something.
 */
export const Instant = z.object({
  /** UTC, milliseconds since 1970. */
  wallMs: z.number().int().nonnegative(),
  /** Milliseconds of the host's monotonic clock (shared by all processes of one boot). */
  monoMs: z.number().nonnegative(),
  bootId: z.string().min(1),
})
export type Instant = z.infer<typeof Instant>
