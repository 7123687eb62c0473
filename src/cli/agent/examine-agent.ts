import { homedir } from 'node:os'
import { agentType } from '../../agents/agent-types.ts'
import type { Budgets } from '../../budget/caps.ts'
import type { AgentConfig } from '../../contracts/compiled-manifest.ts'
import { systemClock } from '../../platform/clock.ts'
import { findSandbox } from '../../platform/sandbox/find-sandbox.ts'
import { findAgentProgram } from '../compose/agent-program.ts'
import { type AgentRecord, pinnedProgram, programHindrance } from './agent-record.ts'
import { type ExaminedLogin, examineLogin } from './examine-login.ts'
import { moneyNotes } from './money-notes.ts'

/** One thing that keeps a profile from working, and what to do about it. */
export interface AgentProblem {
  readonly says: string
  readonly remedy: string
}

/** What `agent list` and `agent check` say of one profile. */
export interface ExaminedAgent {
  readonly agent: string
  readonly type: string
  /** The program it runs, absolute; null where there is none to find, or none was found. */
  readonly program: string | null
  readonly version: string | null
  /** True where the program is pinned: it was tried, and passed. */
  readonly tried: boolean
  /** What PATH or the manifest names now, where that failed its trial and the last good one is run instead. */
  readonly passedOver: {
    readonly program: string
    readonly version: string | null
    readonly why: string
  } | null
  readonly login: ExaminedLogin
  readonly resumes: boolean
  readonly usage: 'dollars' | 'tokens' | 'none'
  /** The name of its sandbox, `off`, or `missing`. */
  readonly sandbox: string
  readonly ready: boolean
  readonly problems: readonly AgentProblem[]
  readonly notes: readonly string[]
}

/** Examines one profile on this host. Nothing is started but a version manager, where its program is a shim of one. */
export const examineAgent = async (
  budgets: Budgets,
  agent: AgentConfig,
  record: AgentRecord,
): Promise<ExaminedAgent> => {
  const type = agentType(agent.type)
  const needsProgram = type.program !== null || agent.command.length > 0
  const found = needsProgram ? await findAgentProgram(agent, type) : null
  const pinned = pinnedProgram(record)
  const login = examineLogin(agent, type, {
    home: homedir(),
    environment: process.env,
    nowMs: systemClock.wallMs(),
  })
  const facts = findSandbox()
  const problems = [
    programProblem(agent, record, found?.ok === false && pinned === null ? found.missing : null),
    login.missing === null ? null : { says: login.missing, remedy: login.remedy ?? '' },
    agent.sandbox === 'off' || facts.ok ? null : { says: facts.missing, remedy: facts.remedy },
  ].filter((problem) => problem !== null)
  const { failed } = record
  return {
    agent: agent.key,
    type: agent.type,
    program: pinned?.path ?? (found?.ok === true ? found.program.path : null),
    version: pinned?.version ?? null,
    tried: pinned !== null,
    passedOver:
      failed === null || pinned === null
        ? null
        : { program: failed.path, version: failed.version, why: failed.why },
    login,
    resumes: type.capabilities.resume && (pinned?.resumes ?? true),
    usage: type.capabilities.usage,
    sandbox: agent.sandbox === 'off' ? 'off' : facts.ok ? facts.profile : 'missing',
    ready: problems.length === 0,
    problems,
    notes: [...(pinned?.notes ?? []), ...moneyNotes(budgets, agent, type)],
  }
}

const programProblem = (
  agent: AgentConfig,
  record: AgentRecord,
  missing: string | null,
): AgentProblem | null => {
  const says = missing ?? programHindrance(record)
  if (says === null) return null
  const remedy = `install ${missing === null ? 'another version' : 'it'}, or name one under agents.${agent.key}.command`
  return { says, remedy }
}
