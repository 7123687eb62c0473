import type { AgentType } from '../agents/agent-type.ts'
import type { classifyRun } from '../agents/classify.ts'
import type { AgentConfig, CompiledManifest } from '../contracts/compiled-manifest.ts'
import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect } from '../durable/effect.ts'
import type { Clock } from '../platform/clock.ts'
import type { AgentSandboxPort } from './agent-sandbox-port.ts'
import type { KeeperPort } from './keeper-port.ts'
import type { LedgerPort, Spent } from './ledger-port.ts'
import { neverHappened } from './never-happened.ts'
import { spentOf } from './settle-run.ts'

export interface StopAgentPorts {
  readonly manifest: Pick<CompiledManifest, 'agents'>
  readonly clock: Clock
  readonly keepers: KeeperPort
  readonly ledger: LedgerPort
  readonly agentTypeOf: (type: AgentConfig['type']) => AgentType
  readonly classifyRun: typeof classifyRun
  readonly sandbox: Pick<AgentSandboxPort, 'containmentOf'>
}

/**
 * Ends the agent of an attempt through its keeper and proves both gone, then settles what it used up; nothing to do
 * where none was started.
 */
export const stopAgentEffect = (ports: StopAgentPorts) =>
  defineEffect({
    name: 'stopAgent',
    ...EFFECT_IO.stopAgent,
    reconcile: neverHappened,
    perform: async (_context, { attemptId }) => {
      const stopped = await ports.keepers.stop(attemptId, 'requested')
      await settleStopped(ports, attemptId)
      return { stopped }
    },
  })

const settleStopped = async (ports: StopAgentPorts, attempt: string): Promise<void> => {
  const open = await ports.ledger.openFor(attempt)
  if (open === null) return
  await ports.ledger.settle(attempt, spentBy(ports, attempt, open.agent))
}

const UNKNOWN: Spent = { ending: 'cancelled', usage: null, isPriced: true, endedAt: null }

const spentBy = (ports: StopAgentPorts, attempt: string, agentKey: string): Spent => {
  if (!ports.keepers.exists(attempt)) return { ...UNKNOWN, ending: 'not_started' }
  const agent = ports.manifest.agents[agentKey]
  // A profile that is not in the manifest any more cannot be asked how its stream is read.
  if (agent === undefined) return UNKNOWN
  const type = ports.agentTypeOf(agent.type)
  const exit = ports.keepers.exitOf(attempt)
  const endedAtMs = ports.clock.wallMs()
  const outcome = ports.classifyRun({
    usedBefore: null,
    exit,
    judgement: type.judge(ports.keepers.streams(attempt), exit, exit?.endedAt.wallMs ?? endedAtMs),
    agent,
    version: null,
    containment: ports.sandbox.containmentOf(agent),
    startedAtMs: endedAtMs,
    endedAtMs,
  })
  return { ...spentOf(outcome, agent, type), endedAt: exit?.endedAt ?? null }
}
