import { z } from 'zod'
import { GateDecided, GateExpired } from './gate-events.ts'
import { Published } from './task-context.ts'

/** Everything a review may be told: by its task, and by the gates it opens. */
export const ReviewEvent = z.discriminatedUnion('type', [
  /** A revision of the pull request passed; it is judged afresh. */
  z.object({ type: z.literal('REVISED'), ...Published.shape }),
  /** A person retries: judge the same pull request again. */
  z.object({ type: z.literal('RESUME') }),
  /** The task wants no merge any more. */
  z.object({ type: z.literal('CANCEL') }),
  GateDecided,
  GateExpired,
])
export type ReviewEvent = z.infer<typeof ReviewEvent>
export type ReviewEventOf<T extends ReviewEvent['type']> = Extract<ReviewEvent, { type: T }>
