import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { AgentType } from '../agents/agent-type.ts'
import type { composePrompt } from '../agents/compose-prompt.ts'
import type { AgentConfig, CompiledManifest } from '../contracts/compiled-manifest.ts'
import type { AgentSession, EffectInput } from '../contracts/effect-io.ts'
import type { KeeperSpec } from '../contracts/keeper.ts'
import { laneFor } from '../contracts/lane-for.ts'
import { writeTextAtomic } from '../platform/atomic-file.ts'
import { childEnvironment } from '../platform/environment.ts'
import { randomHex } from '../platform/random.ts'
import type { StateLayout } from '../platform/state-layout.ts'
import type { AgentSandboxPort } from './agent-sandbox-port.ts'
import { attemptRecords } from './attempt-records.ts'

export interface KeeperSpecPorts {
  readonly manifest: CompiledManifest
  readonly layout: StateLayout
  readonly composePrompt: typeof composePrompt
  readonly sandbox: AgentSandboxPort
}

/** What an agent may write before its keeper stops it; a runaway stream must not fill the disk. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024
const STOP_GRACE_MS = 5_000
/** After it has said that it is done, an agent may take so long to end: some never do. */
const AFTER_TERMINAL_MS = 10_000

/**
 * What the keeper of one attempt is to do, with everything its agent finds written to disk. Prompt and HOME lie among
 * the attempt's records, never inside the clone. Of an attempt that runs already nothing is written anew.
 */
export const keeperSpec = (
  ports: KeeperSpecPorts,
  agent: AgentConfig,
  type: AgentType,
  program: readonly string[],
  isRunning: boolean,
  input: EffectInput<'runAgent'>,
): KeeperSpec => {
  const records = attemptRecords(ports.layout, input.attemptId)
  const session = resumed(type, input)
  const home = homeOf(ports, type, input)
  for (const folder of [records.dir, home]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  const prompt = isRunning ? '' : writePrompt(ports, records.prompt, session !== null, input)
  const launch = type.compose(agent, {
    task: { id: input.proposal.taskId, title: input.proposal.title },
    attempt: input.attempt,
    workspace: input.workspace.path,
    home,
    promptFile: records.prompt,
    prompt,
    program,
    resume: session,
    restricted: input.proposal.trust === 'untrusted',
  })
  for (const [path, text] of Object.entries(launch.homeFiles)) {
    const file = join(home, path)
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeTextAtomic(file, text)
  }
  const env = childEnvironment({ HOME: home, ...agent.env, ...launch.env })
  const { wrapper, folders } = ports.sandbox.enter(agent, type, {
    attemptId: input.attemptId,
    workspace: input.workspace.path,
    home,
    promptFile: records.prompt,
    argv: launch.argv,
    path: env.PATH ?? '',
  })
  return {
    protocol: 'keeper/v1',
    attempt: input.attemptId,
    agent: {
      argv: [...launch.argv],
      wrapper: [...wrapper],
      cwd: input.workspace.path,
      env,
      stdinFile: launch.stdinFile,
    },
    containment: ports.sandbox.containmentOf(agent),
    mark: randomHex(16),
    meter: type.meter.length === 0 ? null : { rules: [...type.meter], price: agent.price },
    measured: [input.workspace.path, home, ...folders],
    limits: {
      wallClockMs:
        laneFor(ports.manifest, input.proposal.repo, input.decision.lane)?.timeoutMs ?? agent.timeoutMs,
      idleMs: agent.idleTimeoutMs,
      outputBytes: MAX_OUTPUT_BYTES,
      memoryBytes: agent.maxMemoryBytes,
      bootMs: agent.bootTimeoutMs,
      toolMs: agent.toolTimeoutMs,
      processes: agent.maxProcesses,
      diskBytes: agent.maxDiskBytes,
      tokens: agent.maxTokens,
      usd: null,
      turns: agent.maxTurns,
      fuel: agent.progressFuel,
      afterTerminalMs: AFTER_TERMINAL_MS,
      stopGraceMs: STOP_GRACE_MS,
      orphanTimeoutMs: ports.manifest.supervision.orphanTimeoutMs,
    },
  }
}

/** The session to go on with, where this kind of agent can. */
const resumed = (type: AgentType, input: EffectInput<'runAgent'>): AgentSession | null =>
  type.capabilities.resume ? input.session : null

/** The HOME of an attempt: its own, or the one its session was begun in. */
export const homeOf = (
  { layout }: Pick<KeeperSpecPorts, 'layout'>,
  type: AgentType,
  input: EffectInput<'runAgent'>,
): string => attemptRecords(layout, resumed(type, input)?.homeOf ?? input.attemptId).home

const writePrompt = (
  ports: KeeperSpecPorts,
  file: string,
  goesOn: boolean,
  input: EffectInput<'runAgent'>,
): string => {
  const prompt = ports.composePrompt({
    proposal: input.proposal,
    priorFailures: input.priorFailures,
    revision: input.revision,
    handoff: input.handoff,
    goesOn,
    restored: input.workspace.restoredFrom !== null,
    answer: input.answer,
    nonce: randomHex(12),
  })
  writeTextAtomic(file, prompt)
  return prompt
}
