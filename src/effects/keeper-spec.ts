import { mkdirSync } from 'node:fs'
import type { AgentType } from '../agents/agent-type.ts'
import type { composePrompt } from '../agents/compose-prompt.ts'
import type { Usage } from '../contracts/agent-run.ts'
import type { AgentConfig, CompiledManifest } from '../contracts/compiled-manifest.ts'
import type { EffectInput } from '../contracts/effect-io.ts'
import type { KeeperSpec } from '../contracts/keeper.ts'
import { laneFor } from '../contracts/lane-for.ts'
import type { MeteredUsage } from '../contracts/meter.ts'
import { writeTextAtomic } from '../platform/atomic-file.ts'
import { childEnvironment } from '../platform/environment.ts'
import { randomHex } from '../platform/random.ts'
import type { StateLayout } from '../platform/state-layout.ts'
import { writeInside } from '../platform/write-inside.ts'
import type { AgentSandboxPort } from './agent-sandbox-port.ts'
import { attemptRecords } from './attempt-records.ts'
import { countedIn } from './end-of-run.ts'

export interface KeeperSpecPorts {
  readonly manifest: CompiledManifest
  readonly layout: StateLayout
  readonly composePrompt: typeof composePrompt
  readonly sandbox: AgentSandboxPort
}

/** How a program is started; empty where the type brings its own. */
export interface FoundProgram {
  readonly program: readonly string[]
  readonly version: string | null
  /** False where this version was found not to go on with its sessions. */
  readonly resumes: boolean
}

/** What an agent may write before its keeper stops it; a runaway stream must not fill the disk. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024
const STOP_GRACE_MS = 5_000
/** After it has said that it is done, an agent may take so long to end: some never do. */
const AFTER_TERMINAL_MS = 10_000

/**
 * What the keeper of one attempt is to do, with everything its agent finds written to disk. Prompt and HOME lie among
 * the attempt's records, never inside the clone.
 */
export const keeperSpec = (
  ports: KeeperSpecPorts,
  agent: AgentConfig,
  type: AgentType,
  { program, version, resumes }: FoundProgram,
  input: EffectInput<'runAgent'>,
): KeeperSpec => {
  const records = attemptRecords(ports.layout, input.attemptId)
  const session = type.capabilities.resume && resumes ? input.session : null
  // A session lies in the HOME it was begun in.
  const { home } = attemptRecords(ports.layout, session?.homeOf ?? input.attemptId)
  for (const folder of [records.dir, home]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  const prompt = writePrompt(ports, records.prompt, session !== null, input)
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
  for (const [path, text] of Object.entries(launch.homeFiles)) writeInside(home, path, text)
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
    agentVersion: version,
    resumes,
    meter:
      type.meter.length === 0
        ? null
        : {
            rules: [...type.meter],
            price: agent.price,
            // In a HOME of somebody else's, others write too.
            files: env.HOME === home ? [...(type.meterFiles ?? [])] : [],
            usedBefore: meteredUsage(countedIn(type, { resumes }, session?.used ?? null)),
          },
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

const meteredUsage = (used: Usage | null): MeteredUsage | null =>
  used === null
    ? null
    : {
        inputTokens: used.inputTokens,
        cachedInputTokens: used.cachedInputTokens,
        outputTokens: used.outputTokens,
        usd: used.usd + used.coveredUsd,
      }

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
