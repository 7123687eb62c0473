import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AgentType } from '../../../src/agents/agent-type.ts'
import { codexAgent } from '../../../src/agents/codex.ts'
import type { AgentConfig } from '../../../src/contracts/compiled-manifest.ts'
import { EFFECT_IO } from '../../../src/contracts/effect-io.ts'
import { KeeperSpec } from '../../../src/contracts/keeper.ts'
import { attemptRecords } from '../../../src/effects/attempt-records.ts'
import { runAgentEffect } from '../../../src/effects/run-agent.ts'
import { stateLayout } from '../../../src/platform/state-layout.ts'
import { keeperFiles } from '../../../supervisor/keeper/keeper-files.ts'
import { effectContext, runAgentPorts } from '../../effects/support/run-agent-ports.ts'
import * as sample from '../../machines/durable/support/samples.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { agentConfig } from '../agent-fixture.ts'

const recorded = (name: string): string =>
  readFileSync(join(import.meta.dirname, `../../fixtures/streams/codex/${name}.jsonl`), 'utf8')

/** One answer of the recorded session. */
const ANSWER = { inputTokens: 1200, cachedInputTokens: 200, outputTokens: 34 }
const times = (count: number, one: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(one).map(([name, value]) => [name, value * count]))

/**
 * Goes on with a session whose first attempt lies in its HOME: the agent is codex to us, and a script that writes what
 * codex wrote.
 */
const goOn = async (script: string, overrides: Partial<AgentConfig>, used: unknown) => {
  const layout = stateLayout(makeTempDir('session-meter'))
  const workspace = join(layout.workspaces, 'w')
  mkdirSync(workspace, { recursive: true })
  const { home } = attemptRecords(layout, 'att-1-1')
  mkdirSync(join(home, '.codex/sessions'), { recursive: true })
  writeFileSync(join(home, '.codex/sessions/rollout-1.jsonl'), recorded('session'))
  writeFileSync(join(workspace, 'more.jsonl'), recorded('session-resumed'))
  const agent = agentConfig({ key: 'claude', type: 'codex', ...overrides })
  const type: AgentType = {
    ...codexAgent,
    compose: (config, request) => ({ ...codexAgent.compose(config, request), argv: ['sh', '-c', script] }),
  }
  const planned = sample.planned()
  const input = EFFECT_IO.runAgent.input.parse({
    attemptId: 'att-1-2',
    attempt: 2,
    proposal: planned.proposal,
    decision: planned.decision,
    workspace: { ...sample.workspace, path: workspace },
    priorFailures: [],
    revision: null,
    session: {
      agent: 'claude',
      sessionId: 's-1',
      homeOf: 'att-1-1',
      attemptId: 'att-1-1',
      startSha: sample.workspace.startSha,
      used,
    },
  })
  const ports = runAgentPorts(layout, agent, type)
  const outcome = await runAgentEffect(ports).perform(effectContext('runAgent'), input)
  const spec = KeeperSpec.parse(
    JSON.parse(readFileSync(keeperFiles(layout.keeperDir('att-1-2')).spec, 'utf8')),
  )
  return { outcome, spec }
}

const USED = { ...times(2, ANSWER), usd: 0, coveredUsd: 0 }
const WRITE = 'cat more.jsonl >>$HOME/.codex/sessions/rollout-1.jsonl'
const COMPLETED = JSON.stringify({
  type: 'turn.completed',
  usage: { input_tokens: 4800, cached_input_tokens: 800, output_tokens: 136 },
})

test.each([
  ['as it is known', USED],
  ['where nobody knows it', null],
])('a session that is gone on with is stopped by its own answers alone, its past %s', async (_how, used) => {
  const { outcome } = await goOn(`${WRITE}; sleep 300`, { maxTokens: 2_000 }, used)
  expect(outcome).toMatchObject({ stopReason: 'tokens', usage: times(2, ANSWER) })
})

test('who stays below the ceiling is not stopped for what was before', async () => {
  const { outcome } = await goOn(`${WRITE}; sleep 1; echo '${COMPLETED}'`, { maxTokens: 3_000 }, USED)
  expect(outcome).toMatchObject({ stopReason: null, usage: times(2, ANSWER) })
})

test('what it tells in the end is settled, whatever was forged in its HOME', async () => {
  const record =
    recorded('session')
      .split('\n')
      .find((line) => line.includes('"token_usage_record"')) ?? ''
  const forged = record.replaceAll('1200', '900000').replace(/01a\w+/, 'other')
  const { outcome } = await goOn(
    `${WRITE}; echo '${forged}' >$HOME/.codex/sessions/rollout-2.jsonl; echo '${COMPLETED}'`,
    {},
    USED,
  )
  expect(outcome.usage).toMatchObject(times(2, ANSWER))
})

test('in a HOME of somebody else’s nothing is followed: others write there too', async () => {
  const own = await goOn('true', {}, null)
  const theirs = await goOn('true', { env: { HOME: makeTempDir('theirs') } }, null)
  expect([own.spec.meter?.files.length, theirs.spec.meter?.files.length]).toEqual([1, 0])
})
