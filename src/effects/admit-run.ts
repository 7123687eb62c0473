import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect } from '../durable/effect.ts'
import { type AgentPorts, agentOf } from './agent-of.ts'
import type { LedgerPort } from './ledger-port.ts'
import { neverHappened } from './never-happened.ts'
import { countsOf } from './spend-request.ts'

/**
 * Asks the ledger whether an agent may run for a task now, before a workspace is made ready for it. What no time would
 * change is let through: the ledger then refuses the attempt itself, which leaves evidence.
 */
export const admitRunEffect = (ports: AgentPorts & { readonly ledger: Pick<LedgerPort, 'refusal'> }) =>
  defineEffect({
    name: 'admitRun',
    ...EFFECT_IO.admitRun,
    reconcile: neverHappened,
    perform: async (_context, { taskId, repo, decision, insisted }) => {
      const agent = agentOf(ports.manifest, decision.agent)
      const refusal = await ports.ledger.refusal({
        task: taskId,
        repo,
        lane: decision.lane,
        agent: agent.key,
        counts: countsOf(agent, ports.agentTypeOf(agent.type)),
        isInsisted: insisted,
      })
      if (refusal === null || refusal.retryAtMs === null) return { putOff: null }
      return { putOff: { failure: refusal.failure, retryAtMs: refusal.retryAtMs } }
    },
  })
