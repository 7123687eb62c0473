/** What the host tells its lane beside the journal; one line of log each. */
export interface HostReport {
  readonly kind:
    | 'refused'
    | 'effect_failed'
    | 'effect_retried'
    | 'late_result'
    | 'unloadable'
    | 'discarded'
    | 'stale_owner'
  readonly actor: string
  /** One sentence. */
  readonly reason: string
  /** The event or effect concerned. */
  readonly subject: string | null
}
