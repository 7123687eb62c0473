import { z } from 'zod'
import { Sha256 } from '../contracts/ids.ts'

/** Whose events say what was taken out of the state folder; a stream without a state of its own. */
export const JANITOR_STREAM = 'janitor'
export const JOURNAL_CUT = 'journal.cut'

/** First and last number of an unbroken row. */
export const SeqSpan = z.tuple([z.number().int().positive(), z.number().int().positive()])
export type SeqSpan = z.infer<typeof SeqSpan>

/**
 * Data of a `journal.cut` event: streams whose events lie in an archive and may be missing here. It counts only once an
 * anchor covers it, so that nobody can excuse a hole without the instance's key.
 */
export const JournalCut = z.object({
  v: z.literal(1),
  /** Name of the archive and the SHA-256 of its bytes. */
  file: z.string().min(1),
  sha256: Sha256,
  events: z.number().int().positive(),
  /** Each stream's last archived event, and the state that event vouches for. */
  streams: z
    .array(
      z.object({ stream: z.string(), seq: z.number().int().positive(), hash: Sha256, stateHash: Sha256 }),
    )
    .min(1),
  /** Which numbers of each writer's own count the archived events have. */
  writers: z.record(z.string(), z.array(SeqSpan)),
})
export type JournalCut = z.infer<typeof JournalCut>

/** The first line of an archive: `{"archive": …}`. */
export const ArchiveHeader = z.object({ v: z.literal(1), streams: z.array(z.string()).min(1) })
export type ArchiveHeader = z.infer<typeof ArchiveHeader>

/** Adds a number that follows all before it. */
export const addToSpans = (spans: SeqSpan[], seq: number): void => {
  const last = spans.at(-1)
  if (last !== undefined && last[1] === seq - 1) last[1] = seq
  else spans.push([seq, seq])
}

/** What of `span` is in none of `known`, which may overlap and come in any order. */
export const spansOutside = (span: SeqSpan, known: readonly SeqSpan[]): SeqSpan[] => {
  const outside: SeqSpan[] = []
  let from = span[0]
  for (const [start, end] of known.toSorted((a, b) => a[0] - b[0])) {
    if (end < from || start > span[1]) continue
    if (start > from) outside.push([from, start - 1])
    from = Math.max(from, end + 1)
  }
  if (from <= span[1]) outside.push([from, span[1]])
  return outside
}
