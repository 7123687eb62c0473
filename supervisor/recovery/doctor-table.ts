import type { DiagnosisClass } from './diagnosis.ts'

/** The fixes that exist; each is in fixes.ts. */
export const FIX_IDS = ['clear_stale_probe_files', 'sweep_leftovers', 'remove_stale_owner_file'] as const
export type FixId = (typeof FIX_IDS)[number]

/** What is done about one class of diagnosis. */
export interface Remedy {
  /** Carried out in this order, while the fault is still there. */
  readonly fixes: readonly FixId[]
  /** Whether replacing the process afterwards can help. Without it a person is asked at once. */
  readonly replace: boolean
  /** The one thing a person can do when the remedy did not last. `{child}` stands for the child's id. */
  readonly action: string
}

const REPLACE = { fixes: ['clear_stale_probe_files', 'sweep_leftovers'], replace: true } as const
const REPORT_ONLY = { fixes: [], replace: false } as const

/** Class → remedy. A class that is not here is unknown: nothing is tried, a person is asked. */
export const DOCTOR_TABLE: Readonly<Record<Exclude<DiagnosisClass, 'unknown'>, Remedy>> = {
  stopped_process: {
    ...REPLACE,
    action: 'Find out who stops the process, then run `oc-supervise restart {child}`.',
  },
  busy_loop: {
    ...REPLACE,
    action:
      'Look at the end of `oc-supervise logs {child}` for the loop, then run `oc-supervise restart {child}`.',
  },
  silent: {
    ...REPLACE,
    action: 'Look at the end of `oc-supervise logs {child}`, then run `oc-supervise restart {child}`.',
  },
  journal_blocked: {
    ...REPLACE,
    action: 'End the process that holds the journal, then run `oc-supervise restart {child}`.',
  },
  host_overloaded: {
    ...REPLACE,
    action: 'Lower the load of the host (or `limits.concurrency`), then run `oc-supervise restart {child}`.',
  },
  stuck_in_kernel: {
    ...REPLACE,
    action: 'Check the disk or network file system it waits for, then run `oc-supervise restart {child}`.',
  },
  out_of_memory: {
    ...REPLACE,
    action:
      'Give the host more memory or lower `limits.concurrency`, then run `oc-supervise restart {child}`.',
  },
  port_in_use: {
    ...REPLACE,
    action:
      'Free the address it names in `oc-supervise logs {child}`, then run `oc-supervise restart {child}`.',
  },
  disk_full: {
    ...REPORT_ONLY,
    action: 'Free disk space (docs/operating.md says what may go), then run `oc-supervise restart {child}`.',
  },
  missing_program: {
    ...REPORT_ONLY,
    action: 'Install what `oc-supervise logs {child}` names, then run `oc-supervise restart {child}`.',
  },
  permission_denied: {
    ...REPORT_ONLY,
    action: 'Grant what `oc-supervise logs {child}` names, then run `oc-supervise restart {child}`.',
  },
  broken_at_start: {
    ...REPORT_ONLY,
    action:
      'Look at the end of `oc-supervise logs {child}`, correct it, then run `oc-supervise restart {child}`.',
  },
}

/** The remedy for a class; null for one that has none. */
export const remedyFor = (diagnosis: DiagnosisClass): Remedy | null =>
  diagnosis === 'unknown' ? null : DOCTOR_TABLE[diagnosis]

/** The one action for a person, in words, whatever the class. */
export const actionFor = (diagnosis: DiagnosisClass, child: string): string => {
  const action =
    remedyFor(diagnosis)?.action ??
    'Look at `oc-supervise logs {child}`, then run `oc-supervise restart {child}`.'
  return action.replaceAll('{child}', child)
}
