import type { AgentType } from '../agents/agent-type.ts'
import { canonicalJson } from '../contracts/canonical-json.ts'
import type { AgentConfig } from '../contracts/compiled-manifest.ts'
import type { EffectInput } from '../contracts/effect-io.ts'
import type { LaneName } from '../contracts/lane-name.ts'
import type { SpendPurpose } from '../contracts/spend.ts'
import { sha256 } from '../platform/sha256.ts'
import type { SpendRequest } from './ledger-port.ts'

/** What running the agent of one attempt asks of the ledger. */
export const spendRequest = (
  input: EffectInput<'runAgent'>,
  agent: AgentConfig,
  type: AgentType,
  { version, isRunning }: { readonly version: string | null; readonly isRunning: boolean },
): SpendRequest => ({
  attempt: input.attemptId,
  task: input.proposal.taskId,
  run: input.proposal.runId,
  lane: input.decision.lane,
  repo: input.proposal.repo,
  agent: agent.key,
  agentVersion: version,
  purpose: input.revision === null ? PURPOSES[input.decision.lane] : 'revision',
  signature: signatureOf(input, agent, version),
  counts: countsOf(agent, type),
  isRunning,
  isInsisted: input.insisted,
})

/** What an agent's use can be counted in. What a subscription covers uses up no money. */
export const countsOf = (agent: AgentConfig, type: AgentType): SpendRequest['counts'] => ({
  tokens: type.capabilities.usage !== 'none',
  usd: type.capabilities.usage !== 'none' && !agent.covered,
})

const PURPOSES: Readonly<Record<LaneName, SpendPurpose>> = {
  goal: 'attempt',
  propose: 'attempt',
  review: 'attempt',
  test: 'verification',
  improve: 'recovery',
}

/**
 * What the agent works from, which agent it is, and when it was planned: whoever has a task taken up again asks for the
 * work once more. How earlier attempts failed is not part of it: that alone makes nothing of work that came to nothing.
 */
const signatureOf = (
  { proposal, workspace, revision, answer }: EffectInput<'runAgent'>,
  agent: AgentConfig,
  version: string | null,
): string =>
  sha256(
    canonicalJson({
      task: [proposal.title, proposal.goal, proposal.constraints, proposal.quoted],
      planned: proposal.proposedAtMs,
      paths: proposal.allowedPaths,
      base: [workspace.baseSha, workspace.startSha],
      revision: revision?.reasons ?? null,
      answer: answer?.text ?? null,
      agent: [agent.key, agent.type, agent.model, version],
    }),
  )
