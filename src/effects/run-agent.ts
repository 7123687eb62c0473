import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { AgentType } from '../agents/agent-type.ts'
import type { classifyRun } from '../agents/classify.ts'
import type { composePrompt } from '../agents/compose-prompt.ts'
import type { findQuestion } from '../agents/find-question.ts'
import type { AgentOutcome, Containment } from '../contracts/agent-run.ts'
import type { AgentConfig, CompiledManifest } from '../contracts/compiled-manifest.ts'
import { EFFECT_IO, type EffectInput } from '../contracts/effect-io.ts'
import type { Failure } from '../contracts/failure.ts'
import type { AttemptId } from '../contracts/ids.ts'
import type { KeeperSpec } from '../contracts/keeper.ts'
import { laneFor } from '../contracts/lane-for.ts'
import { defineEffect, type EffectContext, EffectFailure } from '../durable/effect.ts'
import { writeTextAtomic } from '../platform/atomic-file.ts'
import type { Clock } from '../platform/clock.ts'
import { childEnvironment } from '../platform/environment.ts'
import { randomHex } from '../platform/random.ts'
import type { StateLayout } from '../platform/state-layout.ts'
import type { AgentSandboxPort } from './agent-sandbox-port.ts'
import { attemptRecords } from './attempt-records.ts'
import type { KeeperPort } from './keeper-port.ts'
import type { LedgerPort, Reservation } from './ledger-port.ts'
import { redactOutcome } from './redact-outcome.ts'
import { resolveSecrets } from './resolve-secrets.ts'
import { spentOf } from './settle-run.ts'
import { spendRequest } from './spend-request.ts'

export interface RunAgentPorts {
  readonly manifest: CompiledManifest
  readonly layout: StateLayout
  readonly clock: Clock
  readonly keepers: KeeperPort
  readonly ledger: LedgerPort
  readonly agentTypeOf: (type: AgentConfig['type']) => AgentType
  readonly composePrompt: typeof composePrompt
  readonly classifyRun: typeof classifyRun
  readonly findQuestion: typeof findQuestion
  readonly sandbox: AgentSandboxPort
  /** How the program of a profile is started: found once, absolute, with its version. */
  readonly programOf: (agent: AgentConfig, type: AgentType) => Promise<AgentProgram>
}

/** `program` empty where the type brings its own. */
type AgentProgram =
  | { readonly ok: true; readonly program: readonly string[]; readonly version: string | null }
  | { readonly ok: false; readonly reason: string }

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
  const found = await ports.programOf(agent, type)
  if (!found.ok) throw new EffectFailure({ class: 'dependency_missing', reason: found.reason })
  const secrets = await resolveSecrets(agent)
  const isRunning = ports.keepers.exists(input.attemptId)
  const paid = await ports.ledger.reserve(
    spendRequest(input, agent, type, { version: found.version, isRunning }),
  )
  if (!paid.granted) {
    const containment = ports.sandbox.containmentOf(agent)
    return notAllowed(paid, { startedAtMs, version: found.version, containment })
  }
  await context.fence.check()
  // From here to the keeper's registration nothing else runs: whoever stops this attempt later finds it.
  context.signal.throwIfAborted()
  const spec = keeperSpec(ports, agent, type, found.program, input)
  const started = await ports.keepers.start({ ...spec, limits: withMoney(spec.limits, paid.limits) }, secrets)
  if (!started.ok) throw new EffectFailure({ class: 'infra_tooling', reason: started.reason })
  const ending = await ports.keepers.await(input.attemptId, context.signal)
  // Whoever stops waiting knows nothing of how it ended: the agent goes on, and the next owner adopts its keeper.
  if (ending.ending === 'aborted') throw new Error(`nobody waits for ${input.attemptId} any more`)
  const exit = ending.ending === 'exited' ? ending.exit : null
  const endedAtMs = ports.clock.wallMs()
  const outcome = ports.classifyRun({
    exit,
    judgement: type.judge(ports.keepers.streams(input.attemptId), exit, exit?.endedAt.wallMs ?? endedAtMs),
    agent,
    version: found.version,
    containment: spec.containment,
    startedAtMs,
    endedAtMs,
  })
  await ports.ledger.settle(input.attemptId, {
    ...spentOf(outcome, agent, type),
    endedAt: exit?.endedAt ?? null,
  })
  const wasEntered = ports.sandbox.leave(input.attemptId)
  const wasNeverRun = !wasEntered && exit?.stopReason === null && exit.exitCode !== 0
  const told = wasNeverRun ? neverRan(outcome) : askedOf(ports, input.attemptId, outcome)
  return redactOutcome(told, Object.values(secrets))
}

/** The agent's exit code is that of its walls, which could not be built: nothing it is to blame for. */
const neverRan = (outcome: AgentOutcome): AgentOutcome => ({
  ...outcome,
  ending: 'failed',
  failure: {
    class: 'infra_tooling',
    reason: "the sandbox could not be built; see the agent's standard error",
    excerpt: outcome.failure?.excerpt ?? null,
  },
})

type Refused = Extract<Reservation, { granted: false }>

/** Put off until money allows it; what time alone never allows has failed. Nothing was started either way. */
const notAllowed = (
  { failure, retryAtMs }: Refused,
  facts: {
    readonly startedAtMs: number
    readonly version: string | null
    readonly containment: Containment
  },
): AgentOutcome => ({
  ending: retryAtMs === null ? 'failed' : 'deferred',
  exitCode: null,
  signal: null,
  stopReason: retryAtMs === null && failure.class === 'quota_exhausted' ? 'budget' : null,
  failure,
  startedAtMs: facts.startedAtMs,
  endedAtMs: facts.startedAtMs,
  containment: facts.containment,
  usage: null,
  recorded: false,
  sessionId: null,
  agentVersion: facts.version,
  retryAtMs,
  question: null,
  summary: null,
})

/** The keeper stops its agent at what was reserved. */
const withMoney = (
  limits: KeeperSpec['limits'],
  { usd, tokens }: Extract<Reservation, { granted: true }>['limits'],
): KeeperSpec['limits'] => ({
  ...limits,
  usd,
  tokens: tokens === null ? limits.tokens : Math.min(tokens, limits.tokens ?? tokens),
})

/** An agent that ends with a question has not finished: the task waits for a person. */
const askedOf = (ports: RunAgentPorts, attempt: AttemptId, outcome: AgentOutcome): AgentOutcome => {
  const text =
    outcome.ending === 'completed'
      ? ports.findQuestion(readText(attemptRecords(ports.layout, attempt).prompt), outcome.summary)
      : null
  if (text === null) return outcome
  const failure: Failure = {
    class: 'awaiting_input',
    reason: `the agent asks: ${text}`.slice(0, 2000),
    excerpt: null,
  }
  return { ...outcome, ending: 'failed', failure, question: { id: `question-${attempt}`, text } }
}

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
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
  program: readonly string[],
  input: EffectInput<'runAgent'>,
): KeeperSpec => {
  const records = attemptRecords(ports.layout, input.attemptId)
  const session = type.capabilities.resume ? input.session : null
  const home = session === null ? records.home : attemptRecords(ports.layout, session.homeOf).home
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const prompt = ports.composePrompt({
    proposal: input.proposal,
    priorFailures: input.priorFailures,
    revision: input.revision,
    handoff: input.handoff,
    goesOn: session !== null,
    restored: input.session !== null,
    answer: input.answer,
    nonce: randomHex(12),
  })
  writeTextAtomic(records.prompt, prompt)
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

/** What an agent may write before its keeper stops it; a runaway stream must not fill the disk. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024
const STOP_GRACE_MS = 5_000
/** After it has said that it is done, an agent may take so long to end: some never do. */
const AFTER_TERMINAL_MS = 10_000
