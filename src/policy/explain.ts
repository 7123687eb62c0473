import type { PolicyDecision, PolicyFinding, PolicyStatus } from '../contracts/policy-decision.ts'

/**
 * Puts findings together: any block blocks, else any review asks for one, else any warning is said, else it is
 * allowed. The summary is the first finding of the kind that decided, as one sentence, with how many more there are.
 */
export const explainFindings = (findings: readonly PolicyFinding[]): PolicyDecision => {
  const { status, effect, prefix } =
    OUTCOMES.find((row) => findings.some((finding) => finding.effect === row.effect)) ?? ALLOWED
  const deciding = findings.filter((finding) => finding.effect === effect)
  const [first] = deciding
  const more = deciding.length > 1 ? ` (and ${deciding.length - 1} more)` : ''
  return {
    status,
    findings: bounded(findings),
    restore: [],
    summary: `${prefix}: ${first === undefined ? 'no rule objects' : `${first.message}${more}`}`,
  }
}

/** How many findings one rule may leave; a diff of ten thousand files says nothing more with the rest. */
const MAX_FINDINGS_PER_RULE = 50

const bounded = (findings: readonly PolicyFinding[]): PolicyFinding[] =>
  [...Map.groupBy(findings, ({ rule, effect }) => `${rule} ${effect}`).values()].flatMap((group) => {
    const [first] = group
    const left = group.length - MAX_FINDINGS_PER_RULE
    if (first === undefined || left <= 0) return group
    const rest = { ...first, message: `${left} more meet the rule ${first.rule}`, path: null }
    return [...group.slice(0, MAX_FINDINGS_PER_RULE), rest]
  })

interface Outcome {
  readonly effect: PolicyFinding['effect'] | null
  readonly status: PolicyStatus
  readonly prefix: string
}

/** The strongest first. */
const OUTCOMES: readonly Outcome[] = [
  { effect: 'block', status: 'block', prefix: 'BLOCKED' },
  { effect: 'review', status: 'require_review', prefix: 'REVIEW REQUIRED' },
  { effect: 'warn', status: 'allow_with_warnings', prefix: 'ALLOWED WITH WARNINGS' },
]

const ALLOWED: Outcome = { effect: null, status: 'allow', prefix: 'ALLOWED' }
