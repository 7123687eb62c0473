/** A git command failed. Its message holds the command without credentials, and the last lines git wrote. */
export class GitError extends Error {
  override readonly name = 'GitError'
  /** Null where git was ended by a signal, could not start, or wrote too much. */
  readonly exitCode: number | null
  readonly stderr: string

  constructor(message: string, facts: { exitCode: number | null; stderr: string; cause?: unknown }) {
    super(message, { cause: facts.cause })
    this.exitCode = facts.exitCode
    this.stderr = facts.stderr
  }
}
