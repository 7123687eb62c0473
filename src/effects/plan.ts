import { canonicalJson } from '../contracts/canonical-json.ts'
import type { CompiledManifest, RepoConfig } from '../contracts/compiled-manifest.ts'
import { EFFECT_IO, type EffectInput, type EffectOutput } from '../contracts/effect-io.ts'
import { type LaneForRepo, laneFor } from '../contracts/lane-for.ts'
import type { Decision, Proposal } from '../contracts/planning.ts'
import type { TaskSpec } from '../contracts/task.ts'
import { defineEffect, EffectFailure } from '../durable/effect.ts'
import { sha256 } from '../platform/sha256.ts'
import { neverHappened } from './never-happened.ts'

/**
 * Writes down what is about to be done: repository, base, checks, and which agent does it by which rule.
 * Fails with `invalid_task` where the task names a repository or lane the manifest does not know; the policy judges the rest.
 */
export const planEffect = (manifest: CompiledManifest) =>
  defineEffect({
    name: 'plan',
    ...EFFECT_IO.plan,
    reconcile: neverHappened,
    perform: async (_context, input) => plan(manifest, input),
  })

const plan = (manifest: CompiledManifest, input: EffectInput<'plan'>): EffectOutput<'plan'> => {
  const { task, runId, lane, nowMs } = input
  const repo = repoOf(manifest, task)
  const laneConfig = laneFor(manifest, task.repo, lane)
  const agent = laneConfig?.agent == null ? undefined : manifest.agents[laneConfig.agent]
  if (laneConfig === null || agent === undefined) {
    throw new EffectFailure({
      class: 'invalid_task',
      reason: `lane ${lane} has no agent in the manifest; name one under lanes.${lane}.agent`,
    })
  }
  const proposal: Proposal = {
    taskId: task.id,
    runId,
    repo: task.repo,
    baseBranch: task.baseBranch ?? repo.defaultBranch,
    title: task.title,
    goal: task.goal,
    constraints: task.constraints,
    quoted: task.quoted,
    type: task.type,
    risk: task.risk,
    allowedPaths: task.allowedPaths.length > 0 ? task.allowedPaths : [...repo.allowedPaths],
    checks: repo.checks.map((check) => check.name),
    labels: task.labels,
    trust: task.trust,
    manifestHash: manifest.hash,
    proposedAtMs: nowMs,
  }
  return {
    proposal,
    proposalHash: sha256(canonicalJson(proposal)),
    decision: {
      lane,
      agent: agent.key,
      fallbacks: fallbacksOf(manifest, laneConfig),
      agentType: agent.type,
      model: agent.model,
      rule: laneConfig.agentKey === `lanes.${lane}.agent` ? 'lane.agent' : 'repo.lane.agent',
      rationale: `${laneConfig.agentKey} names ${agent.key}`,
    },
    limits: { maxAttempts: laneConfig.maxAttempts, retryDelayMs: laneConfig.retryDelayMs },
    review: {
      merge: repo.merge,
      mergeMethod: repo.mergeMethod,
      onHumanTimeout: repo.review.onHumanTimeout,
      humanTimeoutMs: repo.review.humanTimeoutMs,
      requireExplicitApproval: repo.review.requireExplicitApproval,
      maxRevisions: repo.review.maxRevisions,
      operators: [...manifest.gates.operators],
      signing: manifest.gates.signing,
      gateExpiresAfterMs: manifest.gates.expiresAfterMs,
    },
  }
}

/** Fallbacks that the manifest still knows; their order is the lane's. */
const fallbacksOf = (manifest: CompiledManifest, lane: LaneForRepo): Decision['fallbacks'] =>
  lane.fallbacks.flatMap((key) => {
    const agent = manifest.agents[key]
    return agent === undefined ? [] : [{ agent: key, agentType: agent.type, model: agent.model }]
  })

const repoOf = (manifest: CompiledManifest, task: TaskSpec): RepoConfig => {
  const repo = manifest.repos[task.repo]
  if (repo !== undefined) return repo
  const known = Object.keys(manifest.repos).join(', ')
  throw new EffectFailure({
    class: 'invalid_task',
    reason: `repository "${task.repo}" is not in the manifest, which knows ${known}`,
  })
}
