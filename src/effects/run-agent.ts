import type { AgentType } from '../agents/agent-type.ts'
import type { findQuestion } from '../agents/find-question.ts'
import type { unsupportedRequest } from '../agents/unsupported-request.ts'
import type { AgentOutcome } from '../contracts/agent-run.ts'
import type { AgentConfig } from '../contracts/compiled-manifest.ts'
import { EFFECT_IO, type EffectInput } from '../contracts/effect-io.ts'
import type { KeeperSpec } from '../contracts/keeper.ts'
import { defineEffect, type EffectContext, EffectFailure } from '../durable/effect.ts'
import { type AgentPorts, agentOf } from './agent-of.ts'
import { askedOf, notAllowed } from './agent-outcomes.ts'
import type { AgentSandboxPort } from './agent-sandbox-port.ts'
import type { AgentStarts } from './agent-starts.ts'
import { attemptRecords } from './attempt-records.ts'
import { countedIn, type EndOfRunPorts, endOfRun } from './end-of-run.ts'
import { type FoundProgram, type KeeperSpecPorts, keeperSpec } from './keeper-spec.ts'
import { redactOutcome } from './redact-outcome.ts'
import { resolveSecrets } from './resolve-secrets.ts'
import { spendRequest } from './spend-request.ts'
import { withMoney } from './with-money.ts'

export interface RunAgentPorts extends AgentPorts, KeeperSpecPorts, EndOfRunPorts {
  readonly unsupportedRequest: typeof unsupportedRequest
  readonly findQuestion: typeof findQuestion
  readonly sandbox: AgentSandboxPort
  readonly starts: AgentStarts
  /** How the program of a profile is started: found once, absolute, with its version. */
  readonly programOf: (agent: AgentConfig, type: AgentType) => Promise<AgentProgram>
}

type AgentProgram = ({ readonly ok: true } & FoundProgram) | { readonly ok: false; readonly reason: string }

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
  const usedBefore = input.session?.used ?? null
  const adopted = await ports.keepers.adopt(input.attemptId)
  if (adopted?.ok === false) throw new EffectFailure({ class: 'infra_tooling', reason: adopted.reason })
  if (adopted !== null) {
    const paid = { version: adopted.spec.agentVersion, isRunning: true }
    context.signal.throwIfAborted()
    await ports.starts.during(input.attemptId, () =>
      ports.ledger.reserve(spendRequest(input, agent, type, paid)),
    )
  }
  const begun = adopted ?? (await begin(ports, context, agent, type, input))
  if (!begun.ok) return begun.outcome
  const ending = await ports.keepers.await(input.attemptId, context.signal)
  // Whoever stops waiting knows nothing of how it ended: the agent goes on, and the next owner adopts its keeper.
  if (ending.ending === 'aborted') throw new Error(`nobody waits for ${input.attemptId} any more`)
  const exit = ending.ending === 'exited' ? ending.exit : null
  const { spec } = begun
  const outcome = await endOfRun(ports, { agent, type, spec, exit, usedBefore, startedAtMs })
  const question = {
    attempt: input.attemptId,
    promptFile: attemptRecords(ports.layout, input.attemptId).prompt,
    find: ports.findQuestion,
  }
  return redactOutcome(askedOf(outcome, question), await secretValues(agent))
}

type Begun =
  | { readonly ok: true; readonly spec: KeeperSpec }
  | { readonly ok: false; readonly outcome: AgentOutcome }

/** From the program to the keeper's registration. What is missing for a start says nothing of one that was made before. */
const begin = async (
  ports: RunAgentPorts,
  context: EffectContext,
  agent: AgentConfig,
  type: AgentType,
  input: EffectInput<'runAgent'>,
): Promise<Begun> => {
  const unsupported = ports.unsupportedRequest(type, input.proposal)
  if (unsupported !== null) throw new EffectFailure({ class: 'invalid_task', reason: unsupported })
  const found = await ports.programOf(agent, type)
  if (!found.ok) throw new EffectFailure({ class: 'dependency_missing', reason: found.reason })
  const secrets = await resolveSecrets(agent)
  context.signal.throwIfAborted()
  return ports.starts.during(input.attemptId, () =>
    start(ports, context, { agent, type, found, secrets }, input),
  )
}

interface Ready {
  readonly agent: AgentConfig
  readonly type: AgentType
  readonly found: Extract<AgentProgram, { ok: true }>
  readonly secrets: Readonly<Record<string, string>>
}

const start = async (
  ports: RunAgentPorts,
  context: EffectContext,
  { agent, type, found, secrets }: Ready,
  input: EffectInput<'runAgent'>,
): Promise<Begun> => {
  const { version } = found
  const paid = await ports.ledger.reserve(spendRequest(input, agent, type, { version, isRunning: false }))
  if (!paid.granted) {
    const containment = ports.sandbox.containmentOf(agent)
    return { ok: false, outcome: notAllowed(paid, { startedAtMs: context.now.wallMs, version, containment }) }
  }
  await context.fence.check()
  // From here to the keeper's registration nothing else runs: whoever stops this attempt later finds it.
  context.signal.throwIfAborted()
  const composed = keeperSpec(ports, agent, type, found, input)
  const limits = withMoney(
    composed.limits,
    paid.limits,
    countedIn(type, composed, input.session?.used ?? null),
  )
  const spec = { ...composed, limits }
  if (agent.inheritsLogin) ports.login.lend(type.login, input.attemptId, spec.agent.env.HOME ?? '')
  const started = await ports.keepers.start(spec, secrets)
  if (!started.ok) throw new EffectFailure({ class: 'infra_tooling', reason: started.reason })
  return { ok: true, spec }
}

/** For redaction: a secret that cannot be had any more is not known to stand anywhere. */
const secretValues = async (agent: AgentConfig): Promise<string[]> => {
  try {
    return Object.values(await resolveSecrets(agent))
  } catch {
    return []
  }
}
