import { manyLines } from './print/visible.ts'

/** A mistake of the caller: wrong usage or invalid input. Exit 2. Its message says what, which and the remedy. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Something was refused or failed for a reason we can name. Exit 1. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Prints an error for people on stderr, its control characters visible, never a stack unless OC_SUPERVISE_DEBUG is set,
 * and returns the exit code.
 */
export const reportError = (error: unknown): number => {
  const failure = error instanceof Error ? error : new Error(String(error))
  process.stderr.write(`oc-supervise: ${manyLines(failure.message)}\n`)
  if (process.env.OC_SUPERVISE_DEBUG !== undefined) process.stderr.write(`${failure.stack ?? ''}\n`)
  return isUsage(failure) ? 2 : 1
}

/** By name: an error out of a bundled command is of a class of its own. */
const isUsage = ({ name }: Error): boolean => name === 'UsageError' || name === 'ManifestError'
