/** What is done about a finding of tampering: `policy.tampering`. */
export const TAMPERING_MODES = ['block', 'review', 'warn', 'off'] as const
export type TamperingMode = (typeof TAMPERING_MODES)[number]

/** One thing a change does to what judges it. */
export interface Tampering {
  /** `tampering.test_deleted` …: stable and documented. */
  readonly rule: `tampering.${string}`
  /** Whether leave to change tests covers it. */
  readonly concerns: 'tests' | 'checks'
  readonly path: string
  /** In the new file; null where there is no line to show. */
  readonly line: number | null
  /** One sentence; names the place. */
  readonly message: string
}

/** What was looked at and what came of it. */
export interface TamperingReport {
  readonly found: readonly Tampering[]
  /** Changed files that judge the work and that the base has: tests, their helpers, CI, configuration of runners. */
  readonly judges: readonly string[]
}
