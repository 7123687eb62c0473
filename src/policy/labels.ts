/** A board writes labels as people do; case and outer white space mean nothing. */
export const hasLabel = (labels: readonly string[], wanted: readonly string[]): string | null =>
  labels.find((label) => wanted.includes(label.trim().toLowerCase())) ?? null

/** Work of ours that a person has already agreed to in general: a trusted author may skip reviews by risk and type. */
export const PREAPPROVED_LABELS = [
  'source: autonomy',
  'source: spec-campaign',
  'source: board_worker',
] as const

/** The task must not leave this machine. */
export const LOCAL_ONLY_LABELS = ['local_only', 'no_remote'] as const

/** The task asks for what cannot be undone. */
export const DESTRUCTIVE_LABELS = ['drop_table', 'rm_rf', 'force_push', 'destructive'] as const

/** A person must look, whatever else holds. */
export const REVIEW_LABELS = ['review_required'] as const

/** The task may change tests that are there: a trusted author's tests are not put back, and a person looks at the rest. */
export const TEST_CHANGE_LABELS = ['allow-test-changes'] as const
