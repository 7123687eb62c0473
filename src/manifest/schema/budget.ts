import { z } from 'zod'
import { say } from '../explain-issue.ts'
import { count, duration } from './scalars.ts'

const MOST_TOKENS = 1_000_000_000_000

/** US dollars; the ledger counts in millionths. */
const usd = () => z.number().min(0).max(1_000_000).meta({ title: 'dollars' })
const tokens = () => count(0, MOST_TOKENS)
const cap = <T extends z.ZodType>(kind: T) => kind.nullable().default(null)

const span = (what: string, runs: number | null) =>
  z
    .strictObject({
      runs: count(0, 1_000_000)
        .nullable()
        .default(runs)
        .describe(`How many runs of agents may start in any ${what}, whatever became of them.`),
      tokens: cap(tokens()).describe(`How many tokens agents may use in any ${what}.`),
      usd: cap(usd()).describe(`How much real money agents may spend in any ${what}.`),
    })
    .prefault({})

const sections = (runs: { perHour: number | null; perDay: number | null }) => ({
  per_hour: span('hour', runs.perHour),
  per_day: span('24 hours', runs.perDay),
  per_task: z
    .strictObject({
      usd: cap(usd()).describe('How much real money one task may cost, over all its attempts.'),
      tokens: cap(tokens()).describe('How many tokens one task may use, over all its attempts.'),
      attempts: cap(count(1, 1000)).describe(
        'How many attempts one task gets; an hour after the last one the count begins anew.',
      ),
    })
    .prefault({}),
  per_attempt: z
    .strictObject({
      usd: cap(usd()).describe(
        'How much one attempt may cost: so much is reserved, and there it is stopped.',
      ),
      tokens: cap(tokens()).describe('How many tokens one attempt may use.'),
    })
    .prefault({}),
})

/** The budget of everything; the numbers of runs are for one machine that is left alone. */
export const Budget = z.strictObject(sections({ perHour: 10, perDay: 50 })).prefault({})

/** The budget of one repository, lane or agent, beside that of everything: the smallest cap wins. */
export const OwnBudget = z.strictObject(sections({ perHour: null, perDay: null })).prefault({})

/** How many agents one repository or profile may have at work; beside the limits of lanes and of everything. */
export const ownConcurrency = (of: string) =>
  count(1, 256)
    .nullable()
    .default(null)
    .describe(`How many attempts ${of} may have at once. Absent: as many as the lanes and \`limits\` allow.`)

/** When an agent that keeps failing is left alone. */
export const Breaker = z
  .strictObject({
    window: count(1, 100)
      .default(5)
      .describe('How many of an agent’s latest attempts are looked at; only those of its present version.'),
    min: count(1, 100).default(3).describe('With fewer attempts than this nothing is concluded.'),
    threshold: z
      .number()
      .min(0.01)
      .max(1)
      .default(0.8)
      .describe('From this share of failures on the agent gets no more work.'),
    stale_after: duration({ minMs: 1000 }).default('4h').describe('Attempts older than this are forgotten.'),
    cool_down: duration({ minMs: 1000 })
      .default('30m')
      .describe(
        'After so long without work it gets one attempt on trial; when that succeeds, the rest follow.',
      ),
    warn_below: z
      .number()
      .min(0)
      .max(1)
      .default(0.6)
      .describe('Under this share of successes in its last 30 attempts it is said to be degraded.'),
  })
  .refine(({ min, window }) => min <= window, {
    error: () => say('min is larger than window: nothing would ever be concluded', 'make it smaller'),
  })
  .prefault({})

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

const timeOfDay = (pattern: RegExp) =>
  z
    .string()
    .regex(pattern, {
      error: () => say('is not a time of day', 'write hours and minutes in quotes, as in "22:30"'),
    })
    .meta({ title: 'time' })

const MaintenanceWindow = z
  .strictObject({
    days: z
      .array(z.enum(WEEKDAYS))
      .max(7)
      .default([])
      .describe('The days on which it starts. Empty: every day.'),
    from: timeOfDay(/^([01]\d|2[0-3]):[0-5]\d$/).describe('When it starts.'),
    to: timeOfDay(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/).describe(
      'When it ends; not later than `from`: on the day after.',
    ),
  })
  .refine(({ from, to }) => from !== to, {
    error: () => say('from and to are the same', 'write to: "24:00" for the rest of the day'),
  })

export const MaintenanceWindows = z
  .array(MaintenanceWindow)
  .max(50)
  .default([])
  .describe('When nothing is started: what runs goes on, and tasks stay Ready.')

export const Timezone = z
  .string()
  .refine(isTimezone, {
    error: () => say('is not a time zone this system knows', 'write its name, as in Europe/Berlin or UTC'),
  })
  .default('UTC')
  .describe('The time zone of `maintenance_windows`.')

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
