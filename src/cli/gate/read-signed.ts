import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import type { GateDecision } from '../../contracts/gate.ts'
import { detachedDecision } from '../../gates/detached-decision.ts'
import { quoted } from '../print/visible.ts'
import { RefusedError, UsageError } from '../report-error.ts'

/** Neither a statement nor a signature is ever larger. */
const LARGEST_BYTES = 256 * 1024

/**
 * Reads a decision that was signed on another machine.
 * @throws UsageError when a file cannot be read, RefusedError `statement_invalid` when they are no decision of ours.
 */
export const readSigned = (files: { statement: string; signature: string }, note: string): GateDecision => {
  const statement = readSmall(files.statement, '--statement')
  const signature = readSmall(files.signature, '--signature')
  const found = detachedDecision({ statement, signature, note })
  if (found.ok) return found.decision
  throw new RefusedError('statement_invalid', `${quoted(files.statement)}: ${found.reason}`)
}

const readSmall = (path: string, option: string): string => {
  try {
    const file = openSync(path, 'r')
    try {
      const stat = fstatSync(file)
      if (!stat.isFile()) throw new UsageError(`${option} ${quoted(path)} is not a regular file`)
      if (stat.size > LARGEST_BYTES) throw new UsageError(`${option} ${quoted(path)} is too large to be one`)
      return readFileSync(file, 'utf8')
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(
      `${option} ${quoted(path)} cannot be read (${(error as NodeJS.ErrnoException).code})`,
    )
  }
}
