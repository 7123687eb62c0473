import { agentType } from '../../agents/agent-types.ts'
import type { AgentConfig } from '../../contracts/compiled-manifest.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { pinnedProgram, readAgentRecord } from '../agent/agent-record.ts'
import { failedTrial } from '../agent/program-attention.ts'
import { attention, type Check, note, ok } from './check.ts'

/** The programs of agents: which one is pinned, and whether a newer one failed its trial. */
export const checkPrograms = (
  agents: Readonly<Record<string, AgentConfig>>,
  layout: Pick<StateLayout, 'agentRecord'>,
): Check[] =>
  Object.values(agents)
    .filter(({ type }) => agentType(type).program !== null)
    .map(({ key }) => {
      const name = `agent ${key}`
      const record = readAgentRecord(layout.agentRecord(key))
      const [pinned, failed] = [pinnedProgram(record), failedTrial(record)]
      const remedy = `oc-supervise agent check ${key} --trial`
      if (failed !== null)
        return pinned === null ? attention(name, failed, remedy) : note(name, failed, remedy)
      return pinned === null
        ? note(name, 'its program has not been tried yet', remedy)
        : ok(name, `${pinned.path} ${pinned.version ?? ''}`)
    })
