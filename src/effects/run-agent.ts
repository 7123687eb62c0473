import { mkdirSync } from 'node:fs'
import type { AgentType } from '../agents/agent-type.ts'
import type { classifyRun } from '../agents/classify.ts'
import type { composePrompt } from '../agents/compose-prompt.ts'
import type { AgentOutcome, Containment } from '../contracts/agent-run.ts'
import type { AgentConfig, CompiledManifest } from '../contracts/compiled-manifest.ts'
import { EFFECT_IO, type EffectInput } from '../contracts/effect-io.ts'
import type { KeeperSpec } from '../contracts/keeper.ts'
import { defineEffect, type EffectContext, EffectFailure } from '../durable/effect.ts'
import { writeTextAtomic } from '../platform/atomic-file.ts'
import type { Clock } from '../platform/clock.ts'
import { childEnvironment } from '../platform/environment.ts'
import { randomHex } from '../platform/random.ts'
import type { StateLayout } from '../platform/state-layout.ts'
import { attemptRecords } from './attempt-records.ts'
import type { KeeperPort } from './keeper-port.ts'
import { resolveSecrets } from './resolve-secrets.ts'

export interface RunAgentPorts {
  readonly manifest: CompiledManifest
  readonly layout: StateLayout
  readonly clock: Clock
  readonly keepers: KeeperPort
  readonly agentTypeOf: (type: AgentConfig['type']) => AgentType
  readonly composePrompt: typeof composePrompt
  readonly classifyRun: typeof classifyRun
  readonly containment: Containment
}

/**
 * Runs the agent of one attempt under its keeper, at most once whoever calls: a keeper that is there already is
 * adopted, running or ended. Losing the caller loses nothing; the agent and its exit record stay.
 */
export const runAgentEffect = (ports: RunAgentPorts) =>
  defineEffect({
    name: 'runAgent',
    ...EFFECT_IO.runAgent,
    perform: (context, input) => run(ports, context, input),
    // Starting is idempotent by the attempt's id, so finding a keeper and starting one are the same call.
    reconcile: async (context, input) =>
      ports.keepers.exists(input.attemptId)
        ? { happened: true, output: await run(ports, context, input) }
        : { happened: false },
  })

const run = async (
  ports: RunAgentPorts,
  context: EffectContext,
  input: EffectInput<'runAgent'>,
): Promise<AgentOutcome> => {
  const agent = agentOf(ports.manifest, input.decision.agent)
  const type = ports.agentTypeOf(agent.type)
  const startedAtMs = context.now.wallMs
  const secrets = await resolveSecrets(agent)
  await context.fence.check()
  // From here to the keeper's registration nothing else runs: whoever stops this attempt later finds it.
  context.signal.throwIfAborted()
  const started = await ports.keepers.start(keeperSpec(ports, agent, type, input), secrets)
  if (!started.ok) throw new EffectFailure({ class: 'infra_tooling', reason: started.reason })
  const ending = await ports.keepers.await(input.attemptId, context.signal)
  // Whoever stops waiting knows nothing of how it ended: the agent goes on, and the next owner adopts its keeper.
  if (ending.ending === 'aborted') throw new Error(`nobody waits for ${input.attemptId} any more`)
  const exit = ending.ending === 'exited' ? ending.exit : null
  return ports.classifyRun({
    exit,
    judgement: type.judge(ports.keepers.streams(input.attemptId), exit),
    containment: ports.containment,
    startedAtMs,
    endedAtMs: ports.clock.wallMs(),
  })
}

const agentOf = (manifest: CompiledManifest, key: string): AgentConfig => {
  const agent = manifest.agents[key]
  if (agent !== undefined) return agent
  throw new EffectFailure({ class: 'invalid_task', reason: `agent "${key}" is not in the manifest any more` })
}

/** Prompt and HOME lie among the attempt's records, never inside the clone. */
const keeperSpec = (
  ports: RunAgentPorts,
  agent: AgentConfig,
  type: AgentType,
  input: EffectInput<'runAgent'>,
): KeeperSpec => {
  const records = attemptRecords(ports.layout, input.attemptId)
  mkdirSync(records.home, { recursive: true, mode: 0o700 })
  writeTextAtomic(
    records.prompt,
    ports.composePrompt({
      proposal: input.proposal,
      priorFailures: input.priorFailures,
      revision: input.revision,
      nonce: randomHex(12),
    }),
  )
  const launch = type.compose(agent, {
    task: { id: input.proposal.taskId, title: input.proposal.title },
    attempt: input.attempt,
    workspace: input.workspace.path,
    promptFile: records.prompt,
  })
  return {
    protocol: 'keeper/v1',
    attempt: input.attemptId,
    agent: {
      argv: [...launch.argv],
      cwd: input.workspace.path,
      env: childEnvironment({ HOME: records.home, ...agent.env, ...launch.env }),
      stdinFile: launch.stdinFile,
    },
    containment: ports.containment,
    mark: randomHex(16),
    limits: {
      wallClockMs: agent.timeoutMs,
      idleMs: agent.idleTimeoutMs,
      outputBytes: MAX_OUTPUT_BYTES,
      memoryBytes: null,
      stopGraceMs: STOP_GRACE_MS,
      orphanTimeoutMs: ports.manifest.supervision.orphanTimeoutMs,
    },
  }
}

/** What an agent may write before its keeper stops it; a runaway stream must not fill the disk. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024
const STOP_GRACE_MS = 5_000
