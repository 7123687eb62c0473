import type { AgentType } from '../../../src/agents/agent-type.ts'
import { classifyRun } from '../../../src/agents/classify.ts'
import { composePrompt } from '../../../src/agents/compose-prompt.ts'
import { findQuestion } from '../../../src/agents/find-question.ts'
import { judgeRun } from '../../../src/agents/judge-run.ts'
import { unsupportedRequest } from '../../../src/agents/unsupported-request.ts'
import { agentSandbox } from '../../../src/cli/compose/agent-sandbox.ts'
import { keeperPort } from '../../../src/cli/compose/keeper-port.ts'
import type { AgentConfig } from '../../../src/contracts/compiled-manifest.ts'
import type { EffectContext } from '../../../src/durable/effect.ts'
import { agentStarts } from '../../../src/effects/agent-starts.ts'
import type { LedgerPort } from '../../../src/effects/ledger-port.ts'
import type { RunAgentPorts } from '../../../src/effects/run-agent.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { selfIdentity } from '../../../src/platform/process-identity.ts'
import { newId } from '../../../src/platform/random.ts'
import type { StateLayout } from '../../../src/platform/state-layout.ts'

/** A ledger that has nothing against any run. */
export const WILLING: LedgerPort = {
  refusal: async () => null,
  reserve: async () => ({ granted: true, limits: { usd: null, tokens: null } }),
  openFor: async () => null,
  isCostKnown: async () => true,
  endBefore: async () => null,
  settle: async () => {},
  conclude: async () => {},
}

/** What an agent is run with, under real keepers, where nothing speaks against it and nobody's login is lent. */
export const runAgentPorts = (layout: StateLayout, agent: AgentConfig, type: AgentType): RunAgentPorts => {
  const manifest = {
    agents: { [agent.key]: agent },
    lanes: {},
    repos: {},
    supervision: { orphanTimeoutMs: 60_000 },
  } as never
  return {
    manifest,
    layout,
    clock: systemClock,
    keepers: keeperPort(layout, { incarnation: newId('inc'), identity: selfIdentity() }, systemClock),
    ledger: WILLING,
    login: { lend: () => {}, takeBack: async () => {} },
    agentTypeOf: () => type,
    composePrompt,
    judgeRun,
    classifyRun,
    unsupportedRequest,
    findQuestion,
    sandbox: agentSandbox(manifest, layout),
    starts: agentStarts(),
    programOf: async () => ({ ok: true, program: [], version: '1.2.3', resumes: true }),
  }
}

/** What `task-1` asks for with one effect; whoever holds its lease keeps it. */
export const effectContext = (effect: string): EffectContext => ({
  effectId: `task-1/1/${effect}`,
  actor: 'task-1',
  fence: { actor: 'task-1', token: 1, check: async () => {} },
  signal: new AbortController().signal,
  now: systemClock.now(),
})
