import type { AgentConfig } from '../../contracts/compiled-manifest.ts'
import type { Attention } from '../../contracts/status.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { type AgentRecord, pinnedProgram, readAgentRecord } from './agent-record.ts'

/** Programs that failed their trial, one each: what is run instead, or that nothing is. */
export const programAttention = (
  agents: Readonly<Record<string, AgentConfig>>,
  layout: Pick<StateLayout, 'agentRecord'>,
): Attention[] =>
  Object.keys(agents).flatMap((key) => {
    const reason = failedTrial(readAgentRecord(layout.agentRecord(key)))
    return reason === null
      ? []
      : [{ kind: 'agent', subject: key, reason, action: `oc-supervise agent check ${key} --trial` }]
  })

/** What is to be said of a program that failed its trial; null where none did. */
export const failedTrial = (record: AgentRecord): string | null => {
  const { failed } = record
  if (failed === null) return null
  const pinned = pinnedProgram(record)
  const instead =
    pinned === null
      ? 'nothing is run in its place'
      : `${pinned.path} ${pinned.version ?? ''} is run in its place`
  return `${failed.path} ${failed.version ?? ''} failed its trial: ${failed.why}; ${instead}`
}
