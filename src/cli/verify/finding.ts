import type { VerifyReport } from '../../durable/verify.ts'

/** One thing that is wrong, by name. */
export interface Finding {
  readonly kind: 'altered' | 'missing' | 'extra' | 'unattested' | 'rolled_back' | 'unreadable'
  /** A stream and its events, or a file. */
  readonly subject: string
  readonly message: string
}

/** What was verified: facts for `--json`, lines for people, and everything that is wrong. */
export interface Verified {
  readonly facts: Readonly<Record<string, unknown>>
  readonly lines: readonly string[]
  readonly findings: readonly Finding[]
}

/** What a journal's report finds, one finding an event or range. */
export const journalFindings = (report: VerifyReport): Finding[] => [
  ...report.altered.map(({ stream, seq, what }): Finding => {
    const subject = seq === null ? stream : `${stream} event ${seq}`
    return { kind: 'altered', subject, message: `${subject} is altered: ${what}` }
  }),
  ...report.missing.map(({ stream, fromSeq, toSeq }): Finding => {
    const subject = `${stream} ${rangeOf(fromSeq, toSeq)}`
    return { kind: 'missing', subject, message: `${subject} missing` }
  }),
  ...(report.rolledBack ? [ROLLED_BACK] : []),
]

export const ROLLED_BACK: Finding = {
  kind: 'rolled_back',
  subject: 'journal',
  message: 'the anchor it was held against is not part of this journal: it was rolled back or replaced',
}

/** `event 7`, or `events 7 to 12`. */
export const rangeOf = (from: number, to: number): string =>
  from === to ? `event ${from}` : `events ${from} to ${to}`
