import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AgentType } from '../../src/agents/agent-type.ts'
import { classifyRun } from '../../src/agents/classify.ts'
import { commandAgent } from '../../src/agents/command.ts'
import { composePrompt } from '../../src/agents/compose-prompt.ts'
import { findQuestion } from '../../src/agents/find-question.ts'
import { judgeRun } from '../../src/agents/judge-run.ts'
import { agentSandbox } from '../../src/cli/compose/agent-sandbox.ts'
import { keeperPort } from '../../src/cli/compose/keeper-port.ts'
import { EFFECT_IO, type EffectInput } from '../../src/contracts/effect-io.ts'
import { attemptRecords } from '../../src/effects/attempt-records.ts'
import type { LedgerPort } from '../../src/effects/ledger-port.ts'
import type { LoginPort } from '../../src/effects/login-port.ts'
import { type RunAgentPorts, runAgentEffect } from '../../src/effects/run-agent.ts'
import { stopAgentEffect } from '../../src/effects/stop-agent.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { selfIdentity } from '../../src/platform/process-identity.ts'
import { newId } from '../../src/platform/random.ts'
import { stateLayout } from '../../src/platform/state-layout.ts'
import { agentConfig } from '../agents/agent-fixture.ts'
import * as sample from '../machines/durable/support/samples.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'

/** A shell script as an agent, under a real keeper; what the ledger and the lender are told is written down. */
const setting = (script: string, programOf?: RunAgentPorts['programOf']) => {
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
  const manifest = {
    agents: { claude: agent },
    lanes: {},
    repos: {},
    supervision: { orphanTimeoutMs: 60_000 },
  }
  const told: string[] = []
  const owner = { incarnation: newId('inc'), identity: selfIdentity() }
  const type: AgentType = { ...commandAgent, login: { file: '.tool/auth.json', variables: [] } }
  const ledger: LedgerPort = {
    refusal: async () => null,
    reserve: async () => ({ granted: true, limits: { usd: null, tokens: null } }),
    openFor: async () => ({ agent: 'claude' }),
    endBefore: async () => null,
    settle: async (_attempt, { ending }) => void told.push(`settled ${ending}`),
    conclude: async () => {},
  }
  const login: LoginPort = {
    lend: (_login, home) => void told.push(`lent ${home}`),
    takeBack: async (_login, home) => void told.push(`taken back ${home}`),
  }
  const ports: RunAgentPorts = {
    manifest: manifest as never,
    layout,
    clock: systemClock,
    keepers: keeperPort(layout, owner, systemClock),
    ledger,
    login,
    agentTypeOf: () => type,
    composePrompt,
    judgeRun,
    classifyRun,
    findQuestion,
    sandbox: agentSandbox(manifest as never, layout),
    programOf: programOf ?? (async () => ({ ok: true, program: [], version: '1.2.3', resumes: true })),
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
  const context = {
    effectId: 'task-1/1/runAgent',
    actor: 'task-1',
    fence: { actor: 'task-1', token: 1, check: async () => {} },
    signal: new AbortController().signal,
    now: systemClock.now(),
  }
  const home = attemptRecords(layout, 'att-1-1').home
  return { ports, input, context, told, keyFile, home, layout, workspace }
}

test('an agent that has ended is judged, whatever has gone since (regression: a lost key or program ended the attempt)', async () => {
  const { ports, input, context, told, keyFile, layout, home } = setting('cat; echo done >out.txt')
  const first = await runAgentEffect(ports).perform(context, input)
  expect(first).toMatchObject({ ending: 'completed', agentVersion: '1.2.3' })
  const prompt = readFileSync(attemptRecords(layout, 'att-1-1').prompt, 'utf8')

  writeFileSync(keyFile, '')
  const gone = { ...ports, programOf: async () => ({ ok: false as const, reason: 'uninstalled' }) }
  const again = await runAgentEffect(gone).perform(context, input)
  expect(again).toMatchObject({ ending: 'completed', agentVersion: '1.2.3', summary: first.summary })
  // A new nonce would not be the one that the agent was given for its question.
  expect(readFileSync(attemptRecords(layout, 'att-1-1').prompt, 'utf8')).toBe(prompt)
  expect(told).toEqual([
    `lent ${home}`,
    `taken back ${home}`,
    'settled completed',
    `taken back ${home}`,
    'settled completed',
  ])
})

test('a stopped agent leaves no login behind (regression: only one that ended by itself gave it back)', async () => {
  const { ports, input, context, told, home, workspace } = setting('echo up >up; sleep 300')
  const running = runAgentEffect(ports).perform(context, input)
  await until(() => existsSync(join(workspace, 'up')))
  await stopAgentEffect(ports).perform(context, { attemptId: input.attemptId, usedBefore: null })
  await running
  expect(told.filter((what) => what === `taken back ${home}`).length).toBeGreaterThanOrEqual(1)
  expect(told.at(-1)).toMatch(/^settled/)
})

test('nothing was started: nothing is taken back, and it is settled as that', async () => {
  const { ports, input, context, told } = setting('true')
  await stopAgentEffect(ports).perform(context, { attemptId: input.attemptId, usedBefore: null })
  expect(told).toEqual(['settled not_started'])
})

/** It says which session it was told to go on with, and counts its use as a session's. */
const SESSIONED: AgentType = {
  ...commandAgent,
  capabilities: { resume: true, terminalEvent: false, usage: 'tokens', usageOfSession: true },
  compose: (config, request) => ({
    ...commandAgent.compose(config, request),
    argv: ['sh', '-c', 'echo "$0" >session', request.resume?.sessionId ?? 'a new one'],
  }),
  judge: (streams, exit, nowMs) => ({
    ...commandAgent.judge(streams, exit, nowMs),
    sessionId: 'session-2',
    usage: { inputTokens: 1000, cachedInputTokens: 0, outputTokens: 100, usd: null },
  }),
}

test.each([
  { resumes: true, told: 'session-1', homeOf: 'att-1-0', sessionId: 'session-2', inputTokens: 400 },
  { resumes: false, told: 'a new one', homeOf: 'att-1-1', sessionId: null, inputTokens: 1000 },
])('a version that resumes: $resumes', async ({ resumes, told, homeOf, sessionId, inputTokens }) => {
  const found = { ok: true as const, program: [], version: '1.2.3', resumes }
  const { ports, input, context, layout, workspace } = setting('true', async () => found)
  const used = { inputTokens: 600, cachedInputTokens: 0, outputTokens: 60, usd: 0, coveredUsd: 0 }
  const session = {
    agent: 'claude',
    sessionId: 'session-1',
    homeOf: 'att-1-0',
    attemptId: 'att-1-0',
    startSha: sample.workspace.startSha,
    used,
  }
  const sessioned = { ...ports, agentTypeOf: () => SESSIONED }
  const goingOn = EFFECT_IO.runAgent.input.parse({ ...input, session }) as EffectInput<'runAgent'>
  for (const way of ['performed', 'adopted']) {
    const outcome = await runAgentEffect(sessioned).perform(context, goingOn)
    expect(outcome, way).toMatchObject({ ending: 'completed', sessionId, usage: { inputTokens } })
  }
  expect(readFileSync(join(workspace, 'session'), 'utf8').trim()).toBe(told)
  expect(existsSync(attemptRecords(layout, homeOf).home)).toBe(true)
  const prompt = readFileSync(attemptRecords(layout, 'att-1-1').prompt, 'utf8')
  expect(prompt.startsWith(resumes ? '# Go on' : '# Goal')).toBe(true)
})
