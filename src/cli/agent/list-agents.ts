import { agentType, agentTypes } from '../../agents/agent-types.ts'
import type { StateOptions } from '../compose/select-state.ts'
import type { Answer } from '../print/print-answer.ts'
import { type Cell, formatTable } from '../print/print-table.ts'
import { UsageError } from '../report-error.ts'
import { readAgentRecord } from './agent-record.ts'
import { agentsOf } from './agents-of.ts'
import { type ExaminedAgent, examineAgent } from './examine-agent.ts'

/** `agent list`: every profile of a manifest, and the types there are; without a manifest only these. */
export const listAgents = async (options: StateOptions): Promise<Answer> => {
  const agents = await examineAll(options)
  const types = agentTypes().map(({ type, about, capabilities, program }) => ({
    type,
    about,
    program,
    ...capabilities,
  }))
  const text = [
    ...(agents === null ? [] : [agents.length === 0 ? 'no agents' : table(agents), '']),
    formatTable(
      ['type', 'resumes', 'tells usage in', 'about'],
      types.map(({ type, resume, usage, about }) => [type, resume ? 'yes' : 'no', usage, about]),
    ),
  ].join('\n')
  return { json: { agents: agents ?? [], types }, text }
}

/** Null where no manifest is named and none lies here: then there is still something to say. */
const examineAll = async (options: StateOptions): Promise<ExaminedAgent[] | null> => {
  const named = Object.values(options).some((value) => typeof value === 'string')
  try {
    const { manifest, layout } = await agentsOf(options)
    return await Promise.all(
      Object.values(manifest.agents).map((agent) =>
        examineAgent(manifest, agent, readAgentRecord(layout.agentRecord(agent.key))),
      ),
    )
  } catch (error) {
    if (!named && error instanceof UsageError && error.message.startsWith('no manifest')) return null
    throw error
  }
}

const table = (agents: readonly ExaminedAgent[]): string =>
  formatTable(
    ['agent', 'type', 'ready', 'version', 'login', 'sandbox', 'program'],
    agents.map((agent) => [
      agent.agent,
      agent.type,
      readiness(agent),
      versionOf(agent, 'not tried yet') ?? '-',
      loginOf(agent),
      agent.sandbox,
      agent.program ?? '-',
    ]),
  )

const readiness = ({ ready, passedOver }: ExaminedAgent): Cell => {
  if (!ready) return { text: 'no', colour: 'red' }
  return passedOver === null ? { text: 'yes', colour: 'green' } : { text: 'yes, pinned', colour: 'yellow' }
}

/** Where the login comes from, in a word; for tables. */
export const loginOf = ({ login }: ExaminedAgent): string =>
  login.where === null || login.from === 'inherit' ? login.from : `${login.from} ${login.where}`

/** Its version; `untried` where it could be known and is not, null where nobody asks for it. */
export const versionOf = (agent: ExaminedAgent, untried: string): string | null => {
  const isAsked = agentType(agent.type).program !== null && agent.program !== null
  return agent.version ?? (isAsked && !agent.tried ? untried : null)
}
