import type { Usage } from '../contracts/agent-run.ts'
import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect } from '../durable/effect.ts'
import type { AgentPorts } from './agent-of.ts'
import type { AgentStarts } from './agent-starts.ts'
import { type EndOfRunPorts, endOfRun } from './end-of-run.ts'
import type { Spent } from './ledger-port.ts'
import { neverHappened } from './never-happened.ts'

export interface StopAgentPorts extends AgentPorts, EndOfRunPorts {
  readonly starts: AgentStarts
}

/**
 * Ends the agent of an attempt through its keeper and proves both gone, then does what follows the end of any run;
 * nothing to do where none was started.
 */
export const stopAgentEffect = (ports: StopAgentPorts) =>
  defineEffect({
    name: 'stopAgent',
    ...EFFECT_IO.stopAgent,
    reconcile: neverHappened,
    perform: async (_context, { attemptId, usedBefore }) => {
      await ports.starts.over(attemptId)
      const stopped = await ports.keepers.stop(attemptId, 'requested')
      await clearUp(ports, attemptId, usedBefore)
      return { stopped }
    },
  })

const UNKNOWN: Spent = { ending: 'cancelled', usage: null, isPriced: true, endedAt: null, signal: null }

/** An open reservation says that an agent may have been started, and which; whoever settled it did the rest before. */
const clearUp = async (ports: StopAgentPorts, attempt: string, usedBefore: Usage | null): Promise<void> => {
  const open = await ports.ledger.openFor(attempt)
  if (open === null) return
  const agent = ports.manifest.agents[open.agent]
  const wasStarted = ports.keepers.exists(attempt)
  const spec = wasStarted ? ports.keepers.specOf(attempt) : null
  if (spec !== null && agent !== undefined) {
    const type = ports.agentTypeOf(agent.type)
    const exit = ports.keepers.exitOf(attempt)
    await endOfRun(ports, { agent, type, spec, exit, usedBefore, startedAtMs: ports.clock.wallMs() })
    return
  }
  await ports.login.takeBack(attempt)
  ports.sandbox.leave(attempt)
  // Without its spec, or its profile in the manifest, nobody can say how its stream is read.
  await ports.ledger.settle(attempt, wasStarted ? UNKNOWN : { ...UNKNOWN, ending: 'not_started' })
}
