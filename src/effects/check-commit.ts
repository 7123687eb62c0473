import type { CheckReport } from '../contracts/checks.ts'

/** Checks one commit of the mirror in a fresh clone that no agent has touched, and removes the clone. */
export type CheckCommit = (input: {
  readonly attemptId: string
  readonly repo: string
  readonly sha: string
  readonly purpose: CheckReport['purpose']
  readonly effectId: string
}) => Promise<CheckReport>
