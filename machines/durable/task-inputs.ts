import type { EffectInput } from '../../src/contracts/effect-io.ts'
import { type AnyEvent, nowOf } from './durable-event.ts'
import { type Attempt, present, type TaskContext } from './task-context.ts'
import { checkedSha, currentDecision } from './task-facts.ts'

interface At {
  readonly context: TaskContext
  readonly event: AnyEvent
}

/** What each effect of the task's way is given. */
export const taskInputs = {
  plan: ({ context, event }: At): EffectInput<'plan'> => ({
    task: context.spec,
    runId: context.runId,
    lane: context.lane,
    nowMs: nowOf(event),
  }),
  judgePlan: ({ context }: At): EffectInput<'judgePlan'> => ({
    proposal: present(context.proposal, 'proposal'),
    decision: present(context.decision, 'decision'),
  }),
  admitRun: ({ context }: At): EffectInput<'admitRun'> => ({
    taskId: context.spec.id,
    repo: context.spec.repo,
    decision: currentDecision(context),
    insisted: context.insisted,
  }),
  prepareWorkspace: ({ context }: At): EffectInput<'prepareWorkspace'> => ({
    attemptId: attemptOf(context).id,
    repo: context.spec.repo,
    baseBranch: present(context.proposal, 'proposal').baseBranch,
    revision: context.revision,
    restore: leftBehind(sessionOf(context)),
  }),
  runAgent: ({ context }: At): EffectInput<'runAgent'> => ({
    attemptId: attemptOf(context).id,
    attempt: attemptOf(context).n,
    proposal: present(context.proposal, 'proposal'),
    decision: currentDecision(context),
    workspace: present(attemptOf(context).workspace, 'workspace'),
    priorFailures: context.priorFailures,
    revision: context.revision,
    session: sessionOf(context),
    answer: context.answer,
    handoff: context.handoff,
    insisted: context.insisted,
  }),
  measureWork: ({ context, event }: At): EffectInput<'measureWork'> => ({
    attemptId: attemptOf(context).id,
    repo: context.spec.repo,
    workspace: present(attemptOf(context).workspace, 'workspace'),
    message: `${context.spec.title}\n\nTask: ${context.spec.id}\nAttempt: ${attemptOf(context).id}\n`,
    nowMs: nowOf(event),
  }),
  judgeWork: ({ context }: At): EffectInput<'judgeWork'> => ({
    proposal: present(context.proposal, 'proposal'),
    measurement: present(attemptOf(context).measurement, 'measurement'),
    lane: context.lane,
  }),
  runChecks: ({ context }: At): EffectInput<'runChecks'> => ({
    attemptId: attemptOf(context).id,
    repo: context.spec.repo,
    sha: present(checkedSha(context), 'commit to check'),
    restore: restoreOf(attemptOf(context)),
  }),
  scanSecrets: ({ context }: At): EffectInput<'scanSecrets'> => ({
    attemptId: attemptOf(context).id,
    repo: context.spec.repo,
    sha: workSha(context),
    baseSha: present(attemptOf(context).workspace, 'workspace').baseSha,
  }),
  /** A first push creates a branch that names its attempt; a revision moves the pull request's branch from the head it was judged at. */
  publishBranch: ({ context }: At): EffectInput<'publishBranch'> => ({
    repo: context.spec.repo,
    branch: branchOf(context),
    sha: workSha(context),
    expected: context.revision?.headSha ?? null,
  }),
  openPull: ({ context }: At): EffectInput<'openPull'> => ({
    taskId: context.spec.id,
    repo: context.spec.repo,
    headBranch: branchOf(context),
    baseBranch: present(context.proposal, 'proposal').baseBranch,
    headSha: workSha(context),
    title: context.spec.title,
    body: `${context.spec.goal}\n\n---\nTask ${context.spec.id}, run ${context.runId}, attempt ${attemptOf(context).id}\n`,
  }),
  readBack: ({ context }: At): EffectInput<'readBack'> => ({
    repo: context.spec.repo,
    branch: branchOf(context),
    sha: workSha(context),
    pullId: context.revision?.pullId ?? present(attemptOf(context).pull, 'pull request').id,
  }),
  recordAttempt: ({ context, event }: At): EffectInput<'recordAttempt'> => {
    const attempt = attemptOf(context)
    return {
      runId: context.runId,
      attemptId: attempt.id,
      attempt: attempt.n,
      task: context.spec,
      proposal: context.proposal,
      decision: context.decision && currentDecision(context),
      policy: attempt.policy ?? context.planPolicy,
      startGate: context.planPolicy?.status === 'require_review' ? context.startGate : null,
      workspace: attempt.workspace,
      outcome: attempt.outcome,
      measurement: attempt.measurement,
      checks: attempt.checks,
      pull: attempt.pull,
      failure: attempt.failure,
      nowMs: nowOf(event),
    }
  },
  releaseWorkspace: ({ context }: At): EffectInput<'releaseWorkspace'> => ({
    attemptId: attemptOf(context).id,
    repo: context.spec.repo,
    workspace: attemptOf(context).workspace,
  }),
  stopAgent: ({ context }: At): EffectInput<'stopAgent'> => ({
    attemptId: attemptOf(context).id,
    usedBefore: context.decision === null ? null : (sessionOf(context)?.used ?? null),
  }),
}

/** The commit of the attempt under way. */
export const workSha = (context: TaskContext): string =>
  present(attemptOf(context).measurement?.commit ?? null, 'commit').sha

/** What the policy wants checked as the base has it as well. */
const restoreOf = ({ policy, workspace }: Attempt): EffectInput<'runChecks'>['restore'] =>
  policy === null || workspace === null || policy.restore.length === 0
    ? null
    : { baseSha: workspace.baseSha, paths: policy.restore }

const leftBehind = (session: TaskContext['session']): EffectInput<'prepareWorkspace'>['restore'] =>
  session === null ? null : { attemptId: session.attemptId, startSha: session.startSha }

/** Only the agent that began a session can go on with it. */
const sessionOf = (context: TaskContext): TaskContext['session'] =>
  context.session?.agent === currentDecision(context).agent ? context.session : null

const attemptOf = (context: TaskContext): Attempt => present(context.attempt, 'attempt')

const branchOf = (context: TaskContext): string =>
  context.revision?.branch ?? `oc-supervise/${attemptOf(context).id}`
