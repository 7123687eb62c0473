import { GateInput } from '../../../../machines/durable/gate-context.ts'
import { ReviewInput } from '../../../../machines/durable/review-context.ts'
import { TaskInput } from '../../../../machines/durable/task-context.ts'
import type { CheckReport } from '../../../../src/contracts/checks.ts'
import { EFFECT_IO, type EffectOutput } from '../../../../src/contracts/effect-io.ts'
import type { Failure, FailureClass } from '../../../../src/contracts/failure.ts'
import { GateDecision } from '../../../../src/contracts/gate.ts'
import type { ReviewTerms } from '../../../../src/contracts/pull.ts'
import { TaskSpec } from '../../../../src/contracts/task.ts'

const sha = (digit: string) => digit.repeat(40)
export const BASE = sha('a')
export const HEAD = sha('b')
export const OTHER = sha('c')
export const MERGE = sha('d')
export const HASH = 'e'.repeat(64)

/** The host's stamp; the time never matters but to be there. */
export const stamp = { nowMs: 1_700_000_000_000, nonce: '0'.repeat(32) }

const spec = (over: Record<string, unknown> = {}): TaskSpec =>
  TaskSpec.parse({
    id: 'task-1',
    title: 'Add a greeting',
    kind: 'goal',
    repo: 'api',
    goal: 'Print hello.',
    constraints: null,
    baseBranch: null,
    allowedPaths: [],
    priority: 'normal',
    type: 'feature',
    risk: 'low',
    verify: false,
    dependsOn: [],
    labels: [],
    author: 'ada',
    trust: 'trusted',
    parent: null,
    createdAtMs: 1,
    ...over,
  })

const terms = (over: Partial<ReviewTerms> = {}): ReviewTerms => ({
  merge: 'auto',
  mergeMethod: 'squash',
  onHumanTimeout: 'remind',
  humanTimeoutMs: 86_400_000,
  requireExplicitApproval: false,
  maxRevisions: 1,
  operators: [{ name: 'ada', publicKey: 'ssh-ed25519 AAAA' }],
  signing: 'required',
  gateExpiresAfterMs: 604_800_000,
  ...over,
})

export const failed = (cls: FailureClass, reason = `it ended with ${cls}`): Failure => ({
  class: cls,
  reason,
  excerpt: null,
})

export const planned = (
  over: { maxAttempts?: number; terms?: Partial<ReviewTerms>; fallbacks?: readonly string[] } = {},
): EffectOutput<'plan'> =>
  EFFECT_IO.plan.output.parse({
    proposal: {
      taskId: 'task-1',
      runId: 'run-1',
      repo: 'api',
      baseBranch: 'main',
      title: 'Add a greeting',
      goal: 'Print hello.',
      constraints: null,
      type: 'feature',
      risk: 'low',
      allowedPaths: [],
      checks: ['test'],
      labels: [],
      trust: 'trusted',
      manifestHash: HASH,
      proposedAtMs: 1,
    },
    decision: {
      lane: 'goal',
      agent: 'claude',
      fallbacks: (over.fallbacks ?? []).map((agent) => ({ agent, agentType: agent, model: null })),
      agentType: 'claude',
      model: null,
      rule: 'lane.agent',
      rationale: 'so',
    },
    limits: { maxAttempts: over.maxAttempts ?? 2, retryDelayMs: 60_000 },
    review: terms(over.terms),
    proposalHash: HASH,
  })

export const policy = (status: 'allow' | 'require_review' | 'block'): EffectOutput<'judgePlan'> => ({
  status,
  findings:
    status === 'allow'
      ? []
      : [
          {
            rule: 'review.risk',
            effect: status === 'block' ? 'block' : 'review',
            message: 'risky',
            path: null,
          },
        ],
  summary: `the policy says ${status}`,
  restore: [],
})

export const workspace = {
  path: '/w/att',
  baseBranch: 'main',
  baseSha: BASE,
  startSha: BASE,
  restoredFrom: null,
}

export const ended = (
  ending: EffectOutput<'runAgent'>['ending'],
  failure: Failure | null = null,
  over: Partial<EffectOutput<'runAgent'>> = {},
): EffectOutput<'runAgent'> => ({
  ending,
  exitCode: ending === 'completed' ? 0 : 1,
  signal: null,
  stopReason: null,
  failure,
  startedAtMs: 1,
  endedAtMs: 2,
  containment: { level: 'swept', sandbox: 'off' },
  usage: null,
  recorded: false,
  sessionId: null,
  agentVersion: null,
  retryAtMs: null,
  question: null,
  summary: null,
  ...over,
})

export const commit = (head = HEAD) => ({
  sha: head,
  tree: sha('f'),
  baseSha: BASE,
  patchId: `patch-of-${head[0]}`,
})

export const measured = (head = HEAD): EffectOutput<'measureWork'> => ({
  changed: {
    status: 'KNOWN',
    source: 'git',
    files: [{ path: 'a.ts', change: 'added', kind: 'file', linesAdded: 1, linesRemoved: 0 }],
  },
  commit: commit(head),
  diffStat: '1 file',
})

export const nothingMeasured: EffectOutput<'measureWork'> = {
  changed: { status: 'NONE', source: 'git' },
  commit: null,
  diffStat: '',
}

export const checks = (
  outcome: 'passed' | 'failed' | 'none' = 'passed',
  of: string = HEAD,
  purpose: CheckReport['purpose'] = 'head',
): CheckReport => ({
  sha: of,
  purpose,
  passed: outcome !== 'failed',
  results:
    outcome === 'none'
      ? []
      : [
          {
            name: 'test',
            run: 'npm test',
            outcome,
            exitCode: outcome === 'passed' ? 0 : 1,
            durationMs: 1,
            attempts: 1,
            restoredFrom: null,
            flaky: false,
            excerpt: outcome === 'passed' ? '' : 'expected hello',
          },
        ],
  containment: 'swept',
  restored: [],
})

export const pull = (state: 'open' | 'merged' | 'closed' = 'open', head = HEAD): EffectOutput<'openPull'> =>
  EFFECT_IO.openPull.output.parse({
    id: 'pull-1',
    repo: 'api',
    taskId: 'task-1',
    title: 'Add a greeting',
    body: '',
    headBranch: 'oc-supervise/att-1-1',
    baseBranch: 'main',
    state,
    headSha: head,
    mergeSha: state === 'merged' ? MERGE : null,
    url: 'file:///api',
  })

export const published = (head = HEAD) => ({
  attemptId: 'att-1-1' as ReviewInput['attemptId'],
  commit: commit(head),
  checks: checks('passed', head),
  pull: pull('open', head),
  policyReview: [] as string[],
})

/** A judgement as src/effects gives it: of the commit's own base, with the forge's facts beside it. */
export const judged = (
  decision: 'approve' | 'revise' | 'reject',
  over: { state?: 'open' | 'merged' | 'closed'; head?: string; base?: string; workHead?: string } = {},
): EffectOutput<'judgePull'> => {
  const head = over.head ?? HEAD
  return {
    verdict: {
      decision,
      headSha: head,
      baseSha: BASE,
      patchId: `patch-of-${head[0]}`,
      reasons: [`${decision} it`],
    },
    facts: { pull: pull(over.state ?? 'open', head), headSha: head, baseSha: over.base ?? BASE },
  }
}

export const taskInput = (over: Record<string, unknown> = {}): TaskInput =>
  TaskInput.parse({ spec: spec(over), runId: 'run-1', lane: 'goal', ...stamp })

export const reviewInput = (
  over: Partial<ReviewTerms> = {},
  also: Record<string, unknown> = {},
): ReviewInput =>
  ReviewInput.parse({
    reviewId: 'review-1-1',
    taskId: 'task-1',
    taskQueue: 'goal',
    runId: 'run-1',
    terms: terms(over),
    ...published(),
    ...also,
    ...stamp,
  })

export const gateInput = (): GateInput =>
  GateInput.parse({
    gateId: 'gate-1-1-1',
    subject: {
      kind: 'merge',
      repo: 'api',
      pullId: 'pull-1',
      headSha: HEAD,
      patchId: 'patch-of-b',
      baseBranch: 'main',
    },
    reasons: ['merge: manual'],
    operators: terms().operators,
    signing: 'required',
    replyTo: { actor: 'review-1-1', queue: 'review' },
    expiresAfterMs: 604_800_000,
    ...stamp,
  })

export const decision = (verdict: 'approved' | 'rejected' = 'approved'): GateDecision =>
  GateDecision.parse({
    statement: {
      gate: 'gate-1-1-1',
      openNonce: stamp.nonce,
      subjectKind: 'merge',
      subjectHash: HASH,
      decision: verdict,
      by: 'ada',
      noteHash: HASH,
      evidenceHashes: [],
      issuedAt: '2026-01-01T00:00:00Z',
      expiresAt: '2026-01-08T00:00:00Z',
    },
    note: 'looks right',
    signature: 'armoured',
  })

/** What each effect takes, as the host checks it before it carries anything out. */
export const effectInput = (name: string) => {
  const io = EFFECT_IO[name as keyof typeof EFFECT_IO]
  if (io === undefined) throw new Error(`${name} is no effect of EFFECT_IO`)
  return io.input
}
