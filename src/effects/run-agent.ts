import type { AgentType } from '../agents/agent-type.ts'
import type { classifyRun } from '../agents/classify.ts'
import type { findQuestion } from '../agents/find-question.ts'
import type { AgentOutcome } from '../contracts/agent-run.ts'
import type { AgentConfig, CompiledManifest } from '../contracts/compiled-manifest.ts'
import { EFFECT_IO, type EffectInput } from '../contracts/effect-io.ts'
import { defineEffect, type EffectContext, EffectFailure } from '../durable/effect.ts'
import type { Clock } from '../platform/clock.ts'
import { askedOf, neverRan, notAllowed } from './agent-outcomes.ts'
import { attemptRecords } from './attempt-records.ts'
import type { KeeperPort } from './keeper-port.ts'
import { homeOf, type KeeperSpecPorts, keeperSpec } from './keeper-spec.ts'
import type { LedgerPort } from './ledger-port.ts'
import type { LoginPort } from './login-port.ts'
import { redactOutcome } from './redact-outcome.ts'
import { resolveSecrets } from './resolve-secrets.ts'
import { spentOf } from './settle-run.ts'
import { spendRequest } from './spend-request.ts'
import { withMoney } from './with-money.ts'

export interface RunAgentPorts extends KeeperSpecPorts {
  readonly clock: Clock
  readonly keepers: KeeperPort
  readonly ledger: LedgerPort
  readonly agentTypeOf: (type: AgentConfig['type']) => AgentType
  readonly classifyRun: typeof classifyRun
  readonly findQuestion: typeof findQuestion
  /** Lends the login that a program keeps in the person's HOME, and takes it back. */
  readonly login: LoginPort
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
  const spec = keeperSpec(ports, agent, type, found.program, isRunning, input)
  const home = homeOf(ports, type, input)
  if (agent.inheritsLogin && !isRunning) ports.login.lend(type.login, home)
  const usedBefore = type.capabilities.usageOfSession === true ? (input.session?.used ?? null) : null
  const limits = withMoney(spec.limits, paid.limits, usedBefore)
  const started = await ports.keepers.start({ ...spec, limits }, secrets)
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
    usedBefore,
    version: found.version,
    containment: spec.containment,
    startedAtMs,
    endedAtMs,
  })
  await ports.ledger.settle(input.attemptId, {
    ...spentOf(outcome, agent, type),
    endedAt: exit?.endedAt ?? null,
  })
  if (agent.inheritsLogin) await ports.login.takeBack(type.login, home)
  const wasEntered = ports.sandbox.leave(input.attemptId)
  const wasNeverRun = !wasEntered && exit?.stopReason === null && exit.exitCode !== 0
  const question = {
    attempt: input.attemptId,
    promptFile: attemptRecords(ports.layout, input.attemptId).prompt,
    find: ports.findQuestion,
  }
  const told = wasNeverRun ? neverRan(outcome) : askedOf(outcome, question)
  return redactOutcome(told, Object.values(secrets))
}

const agentOf = (manifest: CompiledManifest, key: string): AgentConfig => {
  const agent = manifest.agents[key]
  if (agent !== undefined) return agent
  throw new EffectFailure({ class: 'invalid_task', reason: `agent "${key}" is not in the manifest any more` })
}
