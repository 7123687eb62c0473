import type { EffectInput } from '../contracts/effect-io.ts'
import type { JsonValue } from '../contracts/json.ts'

/** Builds `execution_request.json`: what the agent was asked for, where, and within which limits. Null before there was a workspace. */
export const buildExecutionRequest = (input: EffectInput<'recordAttempt'>): JsonValue => {
  const { proposal, decision, workspace } = input
  if (proposal === null || decision === null || workspace === null) return null
  return {
    v: 1,
    runId: input.runId,
    attemptId: input.attemptId,
    attempt: input.attempt,
    taskId: input.task.id,
    repo: proposal.repo,
    title: proposal.title,
    goal: proposal.goal,
    constraints: proposal.constraints,
    type: proposal.type,
    risk: proposal.risk,
    allowedPaths: proposal.allowedPaths,
    checks: proposal.checks,
    lane: decision.lane,
    agent: decision.agent,
    agentType: decision.agentType,
    model: decision.model,
    workspace: {
      path: workspace.path,
      baseBranch: workspace.baseBranch,
      baseSha: workspace.baseSha,
      startSha: workspace.startSha,
    },
    manifestHash: proposal.manifestHash,
  }
}
