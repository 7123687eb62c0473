import type { CheckReport } from '../../src/contracts/checks.ts'
import type { Failure } from '../../src/contracts/failure.ts'
import type { LaneName } from '../../src/contracts/lane-name.ts'
import type { Decision } from '../../src/contracts/planning.ts'
import type { PolicyDecision } from '../../src/contracts/policy-decision.ts'
import type { TaskSpec } from '../../src/contracts/task.ts'
import { present, type TaskContext } from './task-context.ts'

/** What a follow-up is for, as `parent.handoff` says it. */
export const HANDOFF = { verify: 'verification_needed', fix: 'verification_failed' } as const

/** The lane of the task that waits for this one, or null where nobody does. Only goals ask for a test, only tests for a fix. */
export const waitingParentLane = (spec: TaskSpec): LaneName | null => {
  if (spec.parent?.handoff === HANDOFF.verify) return 'goal'
  if (spec.parent?.handoff === HANDOFF.fix) return 'test'
  return null
}

/** The decision with the agent whose turn it is: the one decided on, or a fallback. */
export const currentDecision = ({ decision, agentNo }: TaskContext): Decision => {
  const decided = present(decision, 'decision')
  const standIn = decided.fallbacks[agentNo - 1]
  if (standIn === undefined) return decided
  const rationale = `${standIn.agent} stands in for ${decided.agent}`
  return { ...decided, ...standIn, rule: 'lane.fallback', rationale }
}

/** True where the attempt changed nothing: against the base, or against the commit it started from (a revision's head). */
export const changedNothing = ({ attempt }: TaskContext): boolean => {
  const measured = attempt?.measurement ?? null
  if (measured === null) return false
  const { changed, commit } = measured
  if (changed.status === 'NONE' || changed.status === 'NOT_APPLICABLE' || commit === null) return true
  return commit.sha === attempt?.workspace?.startSha
}

/** The commit whose checks decide: the work, or the start of the attempt where a `test` task changed nothing. */
export const checkedSha = (context: TaskContext): string | null =>
  (changedNothing(context) ? null : context.attempt?.measurement?.commit?.sha) ??
  context.attempt?.workspace?.startSha ??
  null

/** Null where the report proves that commit, else what is wrong. A verification without a change is proved by checks alone, so it needs one. */
export const checkFailure = (report: CheckReport, sha: string | null, needsOne: boolean): Failure | null => {
  if (report.sha !== sha || report.purpose !== 'head')
    return failure('infra_tooling', `the checks ran on ${report.sha}, not on ${sha}`)
  const failing = report.results.filter((result) => result.outcome !== 'passed')
  const [first] = failing
  if (first !== undefined || !report.passed) {
    const names = failing.map(failedCheck).join(', ')
    const onlyFlaky = failing.length > 0 && failing.every(({ flaky }) => flaky)
    return failure(
      onlyFlaky ? 'flaky_test' : 'validation_failure',
      `checks failed: ${names || 'see the report'}`,
      first?.excerpt ?? null,
    )
  }
  if (needsOne && report.results.length === 0)
    return failure('validation_failure', 'nothing was changed and no check is configured that could prove it')
  return null
}

/** A failed check in a sentence; one that fails only with the base's tests has passed with those of the work. */
const failedCheck = ({ name, outcome, restoredFrom }: CheckReport['results'][number]): string =>
  `${name} (${outcome}${restoredFrom === null ? '' : ', with the tests as the base has them'})`

/** Why the policy wants a person, one sentence each; empty where it does not. */
export const reviewReasons = (policy: PolicyDecision): string[] => {
  if (policy.status !== 'require_review') return []
  const reasons = policy.findings
    .filter((finding) => finding.effect === 'review')
    .map((finding) => `${finding.rule}: ${finding.message}`)
  return reasons.length > 0 ? reasons : [policy.summary]
}

/** A policy that says no, as the failure of the attempt; who works on what judges the work has tampered. */
export const policyFailure = (policy: PolicyDecision): Failure => {
  const findings = policy.findings.filter((finding) => finding.effect === 'block')
  const tampered = findings.some((finding) => finding.rule.startsWith('tampering.'))
  return failure(
    tampered ? 'check_tampering' : 'scope_policy',
    findings.map((finding) => finding.message).join('; ') || policy.summary,
  )
}

/** A failure with a reason cut to what the contract carries. */
export const failure = (cls: Failure['class'], reason: string, excerpt: string | null = null): Failure => ({
  class: cls,
  reason: reason.slice(0, 2000),
  excerpt,
})
