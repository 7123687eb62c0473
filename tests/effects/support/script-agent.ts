import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentType } from '../../../src/agents/agent-type.ts'
import { commandAgent } from '../../../src/agents/command.ts'
import { EFFECT_IO, type EffectInput } from '../../../src/contracts/effect-io.ts'
import { attemptRecords } from '../../../src/effects/attempt-records.ts'
import type { RunAgentPorts } from '../../../src/effects/run-agent.ts'
import { stateLayout } from '../../../src/platform/state-layout.ts'
import { agentConfig } from '../../agents/agent-fixture.ts'
import * as sample from '../../machines/durable/support/samples.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { effectContext, runAgentPorts } from './run-agent-ports.ts'

/** A shell script as an agent, under a real keeper; what the ledger and the lender are told is written down. */
export const scriptAgent = (script: string) => {
  const layout = stateLayout(makeTempDir('run-agent'))
  const workspace = join(layout.workspaces, 'w')
  mkdirSync(workspace, { recursive: true })
  const keyFile = join(layout.workspaces, 'key')
  writeFileSync(keyFile, 'dummy-key\n')
  const agent = agentConfig({
    key: 'claude',
    command: ['sh', '-c', script],
    secrets: { KEY: { file: keyFile } },
    inheritsLogin: true,
  })
  const told: string[] = []
  const type: AgentType = { ...commandAgent, login: { file: '.tool/auth.json', variables: [] } }
  const granting = runAgentPorts(layout, agent, type)
  const ports: RunAgentPorts = {
    ...granting,
    ledger: {
      ...granting.ledger,
      openFor: async () => ({ agent: 'claude' }),
      settle: async (_attempt, { ending }) => void told.push(`settled ${ending}`),
    },
    login: {
      lend: (_login, attempt, home) => void told.push(`lent ${attempt} ${home}`),
      takeBack: async (attempt) => void told.push(`taken back ${attempt}`),
    },
  }
  const planned = sample.planned()
  const input = EFFECT_IO.runAgent.input.parse({
    attemptId: 'att-1-1',
    attempt: 1,
    proposal: planned.proposal,
    decision: planned.decision,
    workspace: { ...sample.workspace, path: workspace },
    priorFailures: [],
    revision: null,
  }) as EffectInput<'runAgent'>
  const { home } = attemptRecords(layout, 'att-1-1')
  const stop = { attemptId: input.attemptId, usedBefore: null }
  return { ports, input, context: effectContext('runAgent'), told, keyFile, home, layout, workspace, stop }
}
