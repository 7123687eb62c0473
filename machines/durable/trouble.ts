import { z } from 'zod'
import { type AnyEvent, failureOf } from './durable-event.ts'
import { PASSING } from './failure-rules.ts'

/** An effect that failed in passing: the state to try again, how often it failed in a row, and why. */
export const Trouble = z.object({
  at: z.string().min(1),
  tries: z.number().int().positive(),
  reason: z.string(),
})
export type Trouble = z.infer<typeof Trouble>

const FIRST_DELAY_MS = 5_000
const LONGEST_DELAY_MS = 300_000

/** The wait before the next try in milliseconds: 5 s, doubled each time, at most five minutes. */
export const troubleDelayMs = (trouble: Trouble | null): number =>
  Math.min(FIRST_DELAY_MS * 2 ** ((trouble?.tries ?? 1) - 1), LONGEST_DELAY_MS)

/** Whether a failed effect may be tried again: its failure passes by itself, and it failed fewer than `most` times in a row here. */
export const mayTryAgain = (trouble: Trouble | null, at: string, most: number, event: AnyEvent): boolean =>
  PASSING.has(failureOf(event).class) && triesAt(trouble, at) < most

/** Counts one more failure at this state. */
export const moreTrouble = (trouble: Trouble | null, at: string, event: AnyEvent): Trouble => ({
  at,
  tries: triesAt(trouble, at) + 1,
  reason: failureOf(event).reason,
})

const triesAt = (trouble: Trouble | null, at: string): number => (trouble?.at === at ? trouble.tries : 0)
