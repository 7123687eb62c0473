import type { AgentType } from '../../agents/agent-type.ts'
import type { AgentConfig } from '../../contracts/compiled-manifest.ts'
import type { RunAgentPorts } from '../../effects/run-agent.ts'
import { systemClock } from '../../platform/clock.ts'
import { isUnchanged, type ResolvedProgram } from '../../platform/resolve-program.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import {
  type AgentRecord,
  isTrialDue,
  pinnedProgram,
  readAgentRecord,
  type TriedProgram,
  writeAgentRecord,
} from '../agent/agent-record.ts'
import type { TrialOwner } from '../agent/run-program.ts'
import type { runTrial } from '../agent/trial/run-trial.ts'
import type { Trial } from '../agent/trial/trial.ts'
import { argvOf, findAgentProgram } from './agent-program.ts'

interface ProgramParts {
  readonly layout: Pick<StateLayout, 'agentRecord'>
  readonly owner: TrialOwner
  /** How a program is tried; the real trial unless given. */
  readonly trial?: typeof runTrial
}

/**
 * The program of each profile, by its absolute path: found once, tried once for every file it ever was, and pinned. A
 * trial that failed is made again after a while. A newer one that fails its trial is not run: the last good one goes on for as long as it is there, and without one the
 * profile has no program. Trials of one profile do not run twice at a time.
 */
export const pinnedPrograms = ({
  layout,
  owner,
  trial = loadAndRunTrial,
}: ProgramParts): RunAgentPorts['programOf'] => {
  const trials = new Map<string, Promise<AgentRecord>>()
  return async (agent, type) => {
    if (type.program === null) return { ok: true, program: [], version: null, resumes: true }
    const path = layout.agentRecord(agent.key)
    const found = await findAgentProgram(agent, type)
    const known = readAgentRecord(path)
    if (!found.ok || isKnown(known, found)) return answer(agent, known, found)
    const running =
      trials.get(agent.key) ??
      tryAgentProgram(agent, type, found, { path, owner, trial }).finally(() => trials.delete(agent.key))
    trials.set(agent.key, running)
    return answer(agent, await running, found)
  }
}

/** Loaded where there is something to try; every lane imports this file. */
const loadAndRunTrial: typeof runTrial = async (candidate, owner) => {
  const { runTrial: run } = await import('../agent/trial/run-trial.ts')
  return run(candidate, owner)
}

/** Tries a program and writes down what came of it. */
export const tryAgentProgram = async (
  agent: AgentConfig,
  type: AgentType,
  { program }: Extract<ResolvedProgram, { ok: true }>,
  to: { readonly path: string; readonly owner: TrialOwner; readonly trial?: typeof runTrial },
): Promise<AgentRecord> => {
  const { trial: run = loadAndRunTrial } = to
  const trial = await run({ agent, type, program: argvOf(agent, program.path) }, to.owner)
  const tried: TriedProgram = { ...program, ...recordOf(trial), triedAtMs: systemClock.wallMs() }
  const before = readAgentRecord(to.path)
  const record: AgentRecord =
    trial.failed === null
      ? { v: 1, good: tried, failed: null }
      : { ...before, failed: { ...tried, why: trial.failed, failures: failuresBefore(before, program) + 1 } }
  writeAgentRecord(to.path, record)
  return record
}

const recordOf = ({ version, notes, resumes }: Trial) => ({ version, notes: [...notes], resumes })

/** Tried before, still the same file, and no other trial due. */
const isKnown = (record: AgentRecord, { program }: Extract<ResolvedProgram, { ok: true }>): boolean =>
  isOf(record.good, program) || (isOf(record.failed, program) && !isTrialDue(record, systemClock.wallMs()))

const isOf = (tried: TriedProgram | null, program: Pick<TriedProgram, 'path'>): boolean =>
  tried !== null && tried.path === program.path && isUnchanged(tried)

const failuresBefore = ({ failed }: AgentRecord, program: Pick<TriedProgram, 'path'>): number =>
  isOf(failed, program) ? (failed?.failures ?? 0) : 0

const answer = (
  agent: AgentConfig,
  record: AgentRecord,
  found: ResolvedProgram,
): Awaited<ReturnType<RunAgentPorts['programOf']>> => {
  const pinned = pinnedProgram(record)
  if (pinned !== null) {
    const { path, version, resumes } = pinned
    return { ok: true, program: argvOf(agent, path), version, resumes }
  }
  const why = found.ok ? failedTrial(record) : found.missing
  return {
    ok: false,
    reason: `agent ${agent.key}: ${why}; install ${found.ok ? 'another version' : 'it'}, or name one under agents.${agent.key}.command`,
  }
}

const failedTrial = ({ failed }: AgentRecord): string =>
  failed === null ? 'no program' : `${failed.path} ${failed.version ?? ''} failed its trial: ${failed.why}`
