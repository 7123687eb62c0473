import { z } from 'zod'

const path = z.string().min(1).max(1000)

/** One thing a recorded agent does. Paths are relative to the workspace and never leave it. */
export const RecordedStep = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('read'), path }),
  /** Writes the whole file, or replaces the one place where `find` stands. */
  z
    .strictObject({
      do: z.literal('edit'),
      path,
      content: z.string().optional(),
      replace: z.strictObject({ find: z.string().min(1), with: z.string() }).optional(),
    })
    .refine((step) => (step.content === undefined) !== (step.replace === undefined), {
      error: 'an edit needs exactly one of "content" and "replace"',
    }),
  z.strictObject({ do: z.literal('delete'), path }),
  z.strictObject({
    do: z.literal('output'),
    text: z.string(),
    to: z.enum(['stdout', 'stderr']).default('stdout'),
  }),
  z.strictObject({ do: z.literal('wait'), ms: z.number().int().nonnegative() }),
  z.strictObject({ do: z.literal('exit'), code: z.number().int().min(0).max(255) }),
])
export type RecordedStep = z.infer<typeof RecordedStep>

const steps = z.array(RecordedStep).max(1000)

/** A recording file: one list of steps, or several of which the first whose `when` fits is replayed. */
export const Recording = z.union([
  z.strictObject({ version: z.literal(1), steps }),
  z.strictObject({
    version: z.literal(1),
    runs: z
      .array(
        z.strictObject({
          when: z.strictObject({
            title: z.string().optional(),
            attempt: z.number().int().positive().optional(),
          }),
          steps,
        }),
      )
      .min(1),
  }),
])
export type Recording = z.infer<typeof Recording>

/** Whom a recording is looked up for. */
export interface RecordingQuery {
  readonly title: string
  readonly attempt: number
}

/** The steps a recording holds for this task and attempt; null where none of its entries fits. */
export const stepsFor = (recording: Recording, query: RecordingQuery): readonly RecordedStep[] | null => {
  if ('steps' in recording) return recording.steps
  const run = recording.runs.find(
    ({ when }) =>
      (when.title === undefined || when.title === query.title) &&
      (when.attempt === undefined || when.attempt === query.attempt),
  )
  return run?.steps ?? null
}

/** A title as a file name: lower case, runs of anything else become one hyphen. `Fix: the Typo!` → `fix-the-typo`. */
export const titleSlug = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
