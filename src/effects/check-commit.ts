import type { CheckReport } from '../contracts/checks.ts'
import type { Restore } from '../contracts/effect-io.ts'

/**
 * Checks one commit of the mirror in a fresh clone that no agent has touched, and removes the clone. Where files are to
 * be restored, what passes is checked once more with those as the base has them.
 */
export type CheckCommit = (input: {
  readonly attemptId: string
  readonly repo: string
  readonly sha: string
  readonly purpose: CheckReport['purpose']
  readonly restore: Restore | null
  readonly effectId: string
}) => Promise<CheckReport>
