import type { PolicyConfig, RepoConfig } from '../contracts/compiled-manifest.ts'
import type { Decision, Proposal } from '../contracts/planning.ts'
import type { PolicyDecision, PolicyFinding } from '../contracts/policy-decision.ts'
import type { Trust } from '../contracts/task.ts'
import { explainFindings } from './explain.ts'
import { judgeScope } from './judge-scope.ts'
import {
  DESTRUCTIVE_LABELS,
  hasLabel,
  LOCAL_ONLY_LABELS,
  PREAPPROVED_LABELS,
  REVIEW_LABELS,
} from './labels.ts'

export interface PlanContext {
  readonly repo: RepoConfig
  readonly policy: PolicyConfig
  /** Whether the task's author is trusted; a label that loosens a rule counts only then. */
  readonly trust: Trust
}

/**
 * Judges what is about to be done, before anything runs: labels, declared scope, base branch, checks, and whether a
 * person must agree first. What the work really changes is judged by `judgeWork`.
 */
export const judgePlan = (proposal: Proposal, decision: Decision, context: PlanContext): PolicyDecision =>
  explainFindings([
    ...judgeRouting(proposal, decision),
    ...judgeScope(proposal.allowedPaths, context.repo),
    ...judgeBase(proposal, context.repo),
    ...judgeDestructive(proposal),
    ...judgeChecks(proposal),
    ...judgeApproval(proposal, context),
  ])

/** Agents that talk to nobody. Of a command we cannot know. */
const LOCAL_AGENT_TYPES: readonly string[] = ['recorded']

const judgeRouting = ({ labels }: Proposal, { agent, agentType }: Decision): PolicyFinding[] => {
  const label = hasLabel(labels, LOCAL_ONLY_LABELS)
  if (label === null || LOCAL_AGENT_TYPES.includes(agentType)) return []
  return [
    {
      rule: 'routing.local_only_violated',
      effect: 'block',
      message: `the label "${label}" asks that nothing leaves this machine, and agent ${agent} (${agentType}) cannot be held to that`,
      path: null,
    },
  ]
}

const judgeBase = (
  { baseBranch }: Proposal,
  { key, defaultBranch, allowedBaseBranches }: RepoConfig,
): PolicyFinding[] => {
  const allowed = [defaultBranch, ...allowedBaseBranches]
  const matches = allowed.some((pattern) =>
    pattern.endsWith('*') ? baseBranch.startsWith(pattern.slice(0, -1)) : pattern === baseBranch,
  )
  if (matches) return []
  const message = `base branch ${baseBranch} is not allowed for ${key} (allowed: ${allowed.join(', ')})`
  return [{ rule: 'branch.base_branch_not_allowed', effect: 'block', message, path: null }]
}

const judgeDestructive = ({ labels }: Proposal): PolicyFinding[] => {
  const label = hasLabel(labels, DESTRUCTIVE_LABELS)
  const message = `the label "${label}" announces something that cannot be undone`
  return label === null ? [] : [{ rule: 'tool.destructive_blocked', effect: 'block', message, path: null }]
}

/** Work of high risk is not begun without a check; other work is, and that is said. */
const judgeChecks = ({ checks, risk, repo }: Proposal): PolicyFinding[] => {
  if (checks.length > 0) return []
  return risk === 'high'
    ? [
        {
          rule: 'validation.required_unavailable',
          effect: 'block',
          message: `the task is of high risk, and ${repo} has no check that could prove it`,
          path: null,
        },
      ]
    : [
        {
          rule: 'validation.recommended_unavailable',
          effect: 'warn',
          message: `${repo} has no checks; nothing but the diff can be judged`,
          path: null,
        },
      ]
}

const judgeApproval = (
  { labels, risk, type }: Proposal,
  { repo, policy, trust }: PlanContext,
): PolicyFinding[] => {
  const asked = hasLabel(labels, REVIEW_LABELS)
  const findings: PolicyFinding[] =
    asked === null
      ? []
      : [
          {
            rule: 'review.required',
            effect: 'review',
            message: `the label "${asked}" asks for a person`,
            path: null,
          },
        ]

  const { requireApproval } = policy
  const reasons: PolicyFinding[] = [
    ...(requireApproval.risk.includes(risk)
      ? [
          {
            rule: 'review.risk',
            effect: 'review',
            message: `a task of ${risk} risk needs a person’s approval`,
            path: null,
          } as const,
        ]
      : []),
    ...(requireApproval.taskTypes.includes(type)
      ? [
          {
            rule: 'review.task_type',
            effect: 'review',
            message: `a task of type ${type} needs a person’s approval`,
            path: null,
          } as const,
        ]
      : []),
  ]
  if (reasons.length === 0) return findings

  const label = hasLabel(labels, PREAPPROVED_LABELS)
  if (label === null) return [...findings, ...reasons]
  if (trust === 'trusted' && !repo.review.requireExplicitApproval) return findings
  const why =
    trust === 'trusted' ? `repos.${repo.key} requires explicit approval` : 'its author is not trusted'
  const message = `the label "${label}" would skip the review, but ${why}`
  return [...findings, ...reasons, { rule: 'review.label_ignored', effect: 'warn', message, path: null }]
}
