/** What one check found. `note` is worth knowing and needs nobody; `attention` wants a person, and says what to do. */
export interface Check {
  readonly name: string
  readonly outcome: 'ok' | 'note' | 'attention'
  /** One sentence. */
  readonly says: string
  /** What to do; null where nothing is. */
  readonly remedy: string | null
}

/** All is well. */
export const ok = (name: string, says: string): Check => ({ name, outcome: 'ok', says, remedy: null })

/** Weaker than it could be, but nothing is wrong. */
export const note = (name: string, says: string, remedy: string | null): Check => ({
  name,
  outcome: 'note',
  says,
  remedy,
})

/** Something is wrong. */
export const attention = (name: string, says: string, remedy: string): Check => ({
  name,
  outcome: 'attention',
  says,
  remedy,
})
