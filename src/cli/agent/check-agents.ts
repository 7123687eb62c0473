import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { agentType } from '../../agents/agent-types.ts'
import type { AgentConfig } from '../../contracts/compiled-manifest.ts'
import { newId } from '../../platform/random.ts'
import { argvOf, findAgentProgram } from '../compose/agent-program.ts'
import { tryAgentProgram } from '../compose/pinned-programs.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { isoTime } from '../print/format-time.ts'
import type { Answer } from '../print/print-answer.ts'
import { formatFacts } from '../print/print-table.ts'
import { quoted } from '../print/visible.ts'
import { UsageError } from '../report-error.ts'
import { type AgentRecord, readAgentRecord } from './agent-record.ts'
import { agentsOf } from './agents-of.ts'
import { askVersion } from './ask-version.ts'
import { type ExaminedAgent, examineAgent } from './examine-agent.ts'
import { loginOf } from './list-agents.ts'
import { inTrialFolders, type TrialOwner } from './run-program.ts'

export interface CheckOptions extends StateOptions {
  readonly trial?: boolean
}

/**
 * `agent check`: could this profile, or each of them, work here and now? Exit 1 where one could not.
 * @throws UsageError for a name that is no profile.
 */
export const checkAgents = async (name: string | undefined, options: CheckOptions): Promise<Answer> => {
  const { manifest, layout } = await agentsOf(options)
  const agents = Object.values(manifest.agents).filter(({ key }) => name === undefined || key === name)
  if (agents.length === 0 && name !== undefined) {
    const known = Object.keys(manifest.agents).join(', ')
    throw new UsageError(`there is no agent ${quoted(name)}; the manifest has ${known}`)
  }
  const examined: ExaminedAgent[] = []
  for (const agent of agents) {
    const path = layout.agentRecord(agent.key)
    const record = options.trial === true ? await tryNow(agent, path) : readAgentRecord(path)
    examined.push(await withVersion(agent, await examineAgent(manifest, agent, record)))
  }
  const wrong = examined.filter(({ ready }) => !ready).map(({ agent }) => agent)
  return {
    json: { ok: wrong.length === 0, agents: examined },
    text: examined.map(describe).join('\n\n'),
    ...(wrong.length === 0
      ? {}
      : { refused: { code: 'agent_not_ready', message: `not ready: ${wrong.join(', ')}` } }),
  }
}

/** A trial here and now, whatever was known before. */
const tryNow = async (agent: AgentConfig, path: string): Promise<AgentRecord> => {
  const type = agentType(agent.type)
  const found = type.program === null ? null : await findAgentProgram(agent, type)
  if (found === null || !found.ok) return readAgentRecord(path)
  return asOwner((owner) => tryAgentProgram(agent, type, found, { path, owner }))
}

/** A program that was never tried is asked for its version; one that cannot tell it does not work here. */
const withVersion = async (agent: AgentConfig, examined: ExaminedAgent): Promise<ExaminedAgent> => {
  const { program: own, versionArgs } = agentType(agent.type)
  const { program } = examined
  if (own === null || program === null || examined.tried) return examined
  const argv = [...argvOf(agent, program), ...versionArgs]
  const asked = await asOwner((owner) => inTrialFolders((folders) => askVersion(folders, owner, argv)))
  if (asked.ok) return { ...examined, version: asked.version }
  const remedy = `install it anew, or name another under agents.${agent.key}.command`
  return { ...examined, ready: false, problems: [...examined.problems, { says: asked.why, remedy }] }
}

/** Whatever this command starts is its own, and gone when it ends. */
const asOwner = async <T>(work: (owner: TrialOwner) => Promise<T>): Promise<T> => {
  const registrationsDir = mkdtempSync(join(tmpdir(), 'oc-supervise-trial-'))
  try {
    return await work({ owner: newId('inc'), registrationsDir })
  } finally {
    rmSync(registrationsDir, { recursive: true, force: true })
  }
}

const describe = (agent: ExaminedAgent): string =>
  [
    `${agent.agent}: ${agent.ready ? 'ready' : 'not ready'}`,
    formatFacts([
      ['type', agent.type],
      ['program', agent.program],
      ['version', agent.version],
      ['tried', triedOf(agent)],
      ['passed over', passedOver(agent)],
      ['login', loginOf(agent)],
      ['login ends', agent.login.expiresAtMs === null ? null : isoTime(agent.login.expiresAtMs)],
      ['sessions', agent.resumes ? 'can be gone on with' : 'cannot be gone on with'],
      ['usage', agent.usage === 'none' ? 'not told' : `in ${agent.usage}`],
      ['sandbox', agent.sandbox],
      ['note', agent.notes.length === 0 ? null : agent.notes.join('\n')],
      ...agent.problems.map(
        ({ says, remedy }) => ['missing', { text: `${says}\n${remedy}`, colour: 'red' }] as const,
      ),
    ]),
  ].join('\n')

const triedOf = ({ type, tried, program }: ExaminedAgent): string | null => {
  if (agentType(type).program === null || program === null) return null
  return tried ? 'yes, and pinned' : 'no: --trial does it now, or the first attempt will'
}

const passedOver = ({ passedOver: it }: ExaminedAgent): string | null =>
  it === null ? null : `${it.program} ${it.version ?? ''}: ${it.why}`
