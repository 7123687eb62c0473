import { z } from 'zod'

/** What can be wrong with a child, as far as reading alone can tell. */
export const DIAGNOSIS_CLASSES = [
  'stopped_process',
  'journal_blocked',
  'disk_full',
  'stuck_in_kernel',
  'busy_loop',
  'silent',
  'out_of_memory',
  'missing_program',
  'port_in_use',
  'permission_denied',
  'broken_at_start',
  'host_overloaded',
  'unknown',
] as const
export const DiagnosisClass = z.enum(DIAGNOSIS_CLASSES)
export type DiagnosisClass = z.infer<typeof DiagnosisClass>

/** What diagnose found, with what it saw. */
export const Diagnosis = z.object({
  class: DiagnosisClass,
  /** One sentence for a person. */
  sentence: z.string(),
  /** What was read, each line its source first. */
  evidence: z.array(z.string()),
})
export type Diagnosis = z.infer<typeof Diagnosis>

/** Everything diagnose looks at; gathered by `gatherEvidence`, judged by `classify`. */
export interface Evidence {
  readonly fault: 'hung' | 'not_ready' | 'crashing'
  readonly exitCode: number | null
  readonly signal: string | null
  /** The last 4 KiB of its log. */
  readonly logTail: string
  readonly state: string | null
  readonly wchan: string | null
  readonly stack: string | null
  readonly rssKiB: number | null
  readonly loadPerCpu: number
  readonly loopBusy: number
  readonly hostOverloaded: boolean
  /** Bytes free where the state lies. */
  readonly freeBytes: number | null
  /** Who holds the journal's write lock right now; null for nobody. */
  readonly journalHolder: string | null
}
