import { agentType } from '../../agents/agent-types.ts'
import type { AgentConfig } from '../../contracts/compiled-manifest.ts'
import { isTrialDue, programHindrance, readAgentRecord } from '../agent/agent-record.ts'
import { findAgentProgram } from '../compose/agent-program.ts'
import type { Hindrance } from './decide-admission.ts'
import type { LaneParts } from './lane-turn.ts'

/**
 * A program that failed its trial, and stands there still: whoever may use no other is refused everywhere. When another
 * trial is due it goes on beside the turn, and nothing is claimed until it has passed: no task is spent on it.
 */
export const programRefusals = async (
  { child, clock, programOf, log }: Pick<LaneParts, 'child' | 'clock' | 'programOf' | 'log'>,
  agent: AgentConfig,
  repos: readonly string[],
): Promise<Map<string, Hindrance>> => {
  const record = readAgentRecord(child.layout.agentRecord(agent.key))
  const reason = programHindrance(record)
  if (reason === null) return new Map()
  const type = agentType(agent.type)
  const found = await findAgentProgram(agent, type)
  if (found.ok && found.program.path !== record.failed?.path) return new Map()
  if (isTrialDue(record, clock.wallMs()))
    programOf(agent, type).catch((error: unknown) =>
      log.warn({ event: 'trial', outcome: 'could not be made', reason: String(error) }),
    )
  const hindrance = { reason: `agents.${agent.key}: ${reason}`, retryInMs: null }
  return new Map(repos.map((repo) => [repo, hindrance]))
}
