import { z } from 'zod'
import { AgentOutcome, Usage } from './agent-run.ts'
import { CheckReport } from './checks.ts'
import { Failure } from './failure.ts'
import { GateDecision, GateOpening, GateVerification } from './gate.ts'
import { AttemptId, GateId, Key, PullId, RunId, Sha, Sha256, TaskId } from './ids.ts'
import { LaneName } from './lane-name.ts'
import { Decision, Proposal } from './planning.ts'
import { PolicyDecision } from './policy-decision.ts'
import { MergeMethod, MergeOutcome, Pull, PullFacts, ReviewTerms, Verdict } from './pull.ts'
import { BoardState, TaskSpec } from './task.ts'
import { Measurement, WorkCommit, Workspace } from './work.ts'

/** What the agent is told beside the goal. */
export const PriorFailure = z.object({ attempt: z.number().int().positive(), failure: Failure })
export type PriorFailure = z.infer<typeof PriorFailure>

/** A revision continues on the pull request's own branch. */
export const Revision = z.object({
  pullId: PullId,
  branch: z.string(),
  headSha: Sha,
  reasons: z.array(z.string()),
})
export type Revision = z.infer<typeof Revision>

/** A session of an agent that was broken off: the same agent can go on with it, in the HOME it was begun in. */
export const AgentSession = z.object({
  agent: Key,
  sessionId: z.string().min(1).max(500),
  /** The attempt in whose HOME the session lies. */
  homeOf: AttemptId,
  /** The attempt whose saved files belong to it, and the commit they were changes of. */
  attemptId: AttemptId,
  startSha: Sha,
  /** What it had used when it was broken off; null where nobody knows. */
  used: Usage.nullable().default(null),
})
export type AgentSession = z.infer<typeof AgentSession>

/** Files of a commit that the checks are to see as its base has them. */
export const Restore = z.object({ baseSha: Sha, paths: z.array(z.string()).min(1) })
export type Restore = z.infer<typeof Restore>

/**
 * What every effect takes and gives: the one contract between machines (which name effects) and src/effects
 * (which carry them out). Keys are the actor names that machines invoke.
 */
export const EFFECT_IO = {
  /** Writes down what is about to be done, by which agent and rule. Pure but for the clock in its input. */
  plan: {
    input: z.object({ task: TaskSpec, runId: RunId, lane: LaneName, nowMs: z.number().int() }),
    output: z.object({
      proposal: Proposal,
      decision: Decision,
      /** SHA-256 of the proposal as canonical JSON: what a person approves before a start. */
      proposalHash: Sha256,
      limits: z.object({
        maxAttempts: z.number().int().positive(),
        retryDelayMs: z.number().int().nonnegative(),
      }),
      review: ReviewTerms,
    }),
  },
  /** Judges the declared intent, before anything runs. */
  judgePlan: {
    input: z.object({ proposal: Proposal, decision: Decision }),
    output: PolicyDecision,
  },
  /** Judges the real diff, after the agent ended. */
  judgeWork: {
    input: z.object({ proposal: Proposal, measurement: Measurement, lane: LaneName.default('goal') }),
    output: PolicyDecision,
  },
  /** Asks whether this agent may run now, before anything is made ready for it. Nothing is reserved. */
  admitRun: {
    input: z.object({ taskId: TaskId, repo: Key, decision: Decision, insisted: z.boolean() }),
    output: z.object({
      /** Why not now, and when, in UTC ms; null where it may, and where no time would change it: the ledger then says so of the attempt. */
      putOff: z.object({ failure: Failure, retryAtMs: z.number().int() }).nullable(),
    }),
  },
  /** Mirrors the repository and makes the attempt's own full clone; runs the repository's setup. */
  prepareWorkspace: {
    input: z.object({
      attemptId: AttemptId,
      repo: Key,
      baseBranch: z.string(),
      revision: Revision.nullable(),
      /** The earlier attempt whose saved files the agent goes on with, and the commit they were changes of. */
      restore: z.object({ attemptId: AttemptId, startSha: Sha }).nullable().default(null),
    }),
    output: Workspace,
  },
  /** Starts (or adopts) the keeper of this attempt and waits for its exit record. */
  runAgent: {
    input: z.object({
      attemptId: AttemptId,
      attempt: z.number().int().positive(),
      proposal: Proposal,
      decision: Decision,
      workspace: Workspace,
      priorFailures: z.array(PriorFailure),
      revision: Revision.nullable(),
      session: AgentSession.nullable().default(null),
      /** What a person said to the question that ended the last attempt. */
      answer: z.object({ by: z.string(), text: z.string() }).nullable().default(null),
      /** The last message of an earlier attempt that went on for a while: what is done already. Untrusted text. */
      handoff: z.string().max(8000).nullable().default(null),
      /** A person asked for this attempt: that its agent was to be left alone is no hindrance. */
      insisted: z.boolean().default(false),
    }),
    output: AgentOutcome,
  },
  /** Measures scope on the real diff and commits the work with our own git. */
  measureWork: {
    input: z.object({
      attemptId: AttemptId,
      repo: Key,
      workspace: Workspace,
      message: z.string(),
      nowMs: z.number().int(),
    }),
    output: Measurement,
  },
  /** Runs the repository's checks on one commit in a fresh clone; then, where `restore` names files, with those of its base. */
  runChecks: {
    input: z.object({
      attemptId: AttemptId,
      repo: Key,
      sha: Sha,
      restore: Restore.nullable().default(null),
    }),
    output: CheckReport,
  },
  /** Looks for secrets in what base..sha adds, before it leaves the machine. Findings never hold the secret itself. */
  scanSecrets: {
    input: z.object({ attemptId: AttemptId, repo: Key, sha: Sha, baseSha: Sha }),
    output: z.object({
      findings: z
        .array(
          z.object({
            path: z.string().min(1).max(1000),
            line: z.number().int().positive().nullable(),
            rule: z.string().min(1).max(200),
            message: z.string().max(500),
          }),
        )
        .max(100),
    }),
  },
  /** Pushes the commit: `expected` null means the ref must not exist yet. */
  publishBranch: {
    input: z.object({ repo: Key, branch: z.string(), sha: Sha, expected: Sha.nullable() }),
    output: z.object({ branch: z.string(), sha: Sha }),
  },
  /** Opens the pull request of a head branch, or finds the one that is open. */
  openPull: {
    input: z.object({
      taskId: TaskId,
      repo: Key,
      headBranch: z.string(),
      baseBranch: z.string(),
      headSha: Sha,
      title: z.string(),
      body: z.string(),
    }),
    output: Pull,
  },
  /** Reads remote ref and pull request back; fails with `publish_failed` unless both show `sha`. */
  readBack: {
    input: z.object({ repo: Key, branch: z.string(), sha: Sha, pullId: PullId }),
    output: z.object({ remoteSha: Sha, baseSha: Sha }),
  },
  /** Writes the evidence of one attempt and its attestation. */
  recordAttempt: {
    input: z.object({
      runId: RunId,
      attemptId: AttemptId,
      attempt: z.number().int().positive(),
      task: TaskSpec,
      proposal: Proposal.nullable(),
      decision: Decision.nullable(),
      policy: PolicyDecision.nullable(),
      /** The gate at which a person let this attempt begin, or refused it; null where none was asked. */
      startGate: GateId.nullable().default(null),
      workspace: Workspace.nullable(),
      outcome: AgentOutcome.nullable(),
      measurement: Measurement.nullable(),
      checks: CheckReport.nullable(),
      pull: Pull.nullable(),
      failure: Failure.nullable(),
      nowMs: z.number().int(),
    }),
    output: z.object({ dir: z.string(), attestationHash: Sha256 }),
  },
  /** Saves everything in the workspace, proves it saved, then removes it. Fails with `infra_tooling` naming what cannot be saved. */
  releaseWorkspace: {
    input: z.object({ attemptId: AttemptId, repo: Key, workspace: Workspace.nullable() }),
    output: z.object({ saved: z.array(z.string()), removed: z.boolean() }),
  },
  /** Stops a running attempt's agent and proves it dead. */
  stopAgent: {
    input: z.object({
      attemptId: AttemptId,
      /** What its session had used before this attempt; null where it began a new one. */
      usedBefore: Usage.nullable().default(null),
    }),
    output: z.object({ stopped: z.boolean() }),
  },
  /** Computes a verdict from typed facts: the pull request's head and base, its checks, its measured scope. */
  judgePull: {
    input: z.object({
      pullId: PullId,
      repo: Key,
      attemptId: AttemptId,
      commit: WorkCommit,
      checks: CheckReport,
    }),
    output: z.object({ verdict: Verdict, facts: PullFacts }),
  },
  /** Checks the result of merging head into a moved base. */
  checkMerge: {
    input: z.object({
      attemptId: AttemptId,
      repo: Key,
      headSha: Sha,
      baseSha: Sha,
      nowMs: z.number().int(),
      /** Files that are checked as the base has them as well. */
      restore: z.array(z.string()).default([]),
    }),
    output: z.discriminatedUnion('result', [
      z.object({ result: z.literal('clean'), report: CheckReport, patchId: z.string() }),
      z.object({ result: z.literal('conflict'), reason: z.string() }),
    ]),
  },
  /** Merges by compare-and-set on head and base. */
  mergePull: {
    input: z.object({
      pullId: PullId,
      repo: Key,
      headSha: Sha,
      baseSha: Sha,
      method: MergeMethod,
      message: z.string(),
      nowMs: z.number().int(),
    }),
    output: MergeOutcome,
  },
  /** Verifies a gate decision against the gate as it was opened. */
  verifyDecision: {
    input: z.object({ opening: GateOpening, decision: GateDecision, nowMs: z.number().int() }),
    output: GateVerification,
  },
  /** Moves a task on the board; compare-and-set, carries its reason. */
  moveTask: {
    input: z.object({
      taskId: TaskId,
      from: z.array(BoardState).min(1),
      to: BoardState,
      phase: z.enum(['automated', 'human']).nullable(),
      reason: z.string(),
    }),
    output: z.object({ moved: z.boolean(), state: BoardState }),
  },
  /** Comments once on a task or pull request; `mark` makes it unique. */
  comment: {
    input: z.object({ on: z.union([TaskId, PullId]), mark: z.string(), text: z.string().max(20_000) }),
    output: z.object({ posted: z.boolean() }),
  },
  /** Creates a follow-up task once; its id is derived from the effect, so that repeating finds it. */
  addTask: {
    input: z.object({ spec: TaskSpec, state: BoardState }),
    output: z.object({ taskId: TaskId, created: z.boolean() }),
  },
} as const

export type EffectName = keyof typeof EFFECT_IO
export type EffectInput<N extends EffectName> = z.infer<(typeof EFFECT_IO)[N]['input']>
export type EffectOutput<N extends EffectName> = z.infer<(typeof EFFECT_IO)[N]['output']>
