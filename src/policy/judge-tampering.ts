import type { PolicyConfig, RepoConfig } from '../contracts/compiled-manifest.ts'
import type { LaneName } from '../contracts/lane-name.ts'
import type { Proposal } from '../contracts/planning.ts'
import type { PolicyFinding } from '../contracts/policy-decision.ts'
import type { TamperingMode, TamperingReport } from '../contracts/tampering.ts'
import { hasLabel, TEST_CHANGE_LABELS } from './labels.ts'

export interface TamperingContext {
  readonly repo: Pick<RepoConfig, 'tampering' | 'restoreTests'>
  readonly policy: Pick<PolicyConfig, 'tampering' | 'restoreTests'>
  readonly lane: LaneName
}

type Asking = Pick<Proposal, 'type' | 'labels' | 'trust'>

/** What the manifest says about tampering with this repository's checks: its own word, else the policy's. */
export const tamperingMode = ({ repo, policy }: Pick<TamperingContext, 'repo' | 'policy'>): TamperingMode =>
  repo.tampering ?? policy.tampering

/** Whether work on this repository is also checked with the base's tests. */
export const restoresTests = ({ repo, policy }: Pick<TamperingContext, 'repo' | 'policy'>): boolean =>
  repo.restoreTests ?? policy.restoreTests

/**
 * What findings of tampering do to the work. Who may change tests is not refused for it; a person looks at what looks
 * like gaming all the same. Nothing is loosened on the word of an author nobody trusts.
 */
export const judgeTampering = (
  { found }: TamperingReport,
  proposal: Asking,
  context: TamperingContext,
): PolicyFinding[] => {
  const mode = tamperingMode(context)
  if (mode === 'off') return []
  const mayChangeTests = mayChange(proposal, context.lane)
  return found.map(({ rule, concerns, path, message }) => ({
    rule,
    effect: mode === 'block' && concerns === 'tests' && mayChangeTests ? 'review' : mode,
    message,
    path,
  }))
}

/** The files that the checks are to see as the base has them as well. */
export const filesToRestore = (
  { judges }: TamperingReport,
  proposal: Asking,
  context: TamperingContext,
): string[] => (restoresTests(context) && !mayChange(proposal, context.lane) ? [...judges] : [])

/** True where changing tests is the task itself, or where a trusted author agreed to it. */
const mayChange = ({ type, labels, trust }: Asking, lane: LaneName): boolean =>
  trust === 'trusted' &&
  (lane === 'test' || type === 'test_write' || hasLabel(labels, TEST_CHANGE_LABELS) !== null)
