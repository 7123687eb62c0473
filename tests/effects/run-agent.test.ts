import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { AgentType } from '../../src/agents/agent-type.ts'
import { classifyRun } from '../../src/agents/classify.ts'
import { commandAgent } from '../../src/agents/command.ts'
import { composePrompt } from '../../src/agents/compose-prompt.ts'
import { findQuestion } from '../../src/agents/find-question.ts'
import { judgeRun } from '../../src/agents/judge-run.ts'
import { lendLogin, takeLoginBack } from '../../src/agents/lent-login.ts'
import { unsupportedRequest } from '../../src/agents/unsupported-request.ts'
import { createLedger } from '../../src/budget/ledger.ts'
import { agentSandbox } from '../../src/cli/compose/agent-sandbox.ts'
import { keeperPort } from '../../src/cli/compose/keeper-port.ts'
import { EFFECT_IO, type EffectInput } from '../../src/contracts/effect-io.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import { agentStarts } from '../../src/effects/agent-starts.ts'
import { attemptRecords } from '../../src/effects/attempt-records.ts'
import type { LedgerPort } from '../../src/effects/ledger-port.ts'
import type { LoginPort } from '../../src/effects/login-port.ts'
import { type RunAgentPorts, runAgentEffect } from '../../src/effects/run-agent.ts'
import { stopAgentEffect } from '../../src/effects/stop-agent.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { selfIdentity } from '../../src/platform/process-identity.ts'
import { newId } from '../../src/platform/random.ts'
import { type StateLayout, stateLayout } from '../../src/platform/state-layout.ts'
import { agentConfig } from '../agents/agent-fixture.ts'
import { rules } from '../budget/samples.ts'
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
    isCostKnown: async () => true,
    endBefore: async () => null,
    settle: async (_attempt, { ending }) => void told.push(`settled ${ending}`),
    conclude: async () => {},
  }
  const login: LoginPort = {
    lend: (_login, attempt, home) => void told.push(`lent ${attempt} ${home}`),
    takeBack: async (attempt) => void told.push(`taken back ${attempt}`),
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
    unsupportedRequest,
    findQuestion,
    sandbox: agentSandbox(manifest as never, layout),
    starts: agentStarts(),
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
  return {
    ports,
    input,
    context,
    told,
    keyFile,
    home,
    layout,
    workspace,
    stop: { attemptId: input.attemptId, usedBefore: null },
  }
}

test('what its type cannot do is refused before anything is started: no program is looked for, no money, no keeper', async () => {
  const { ports, input, context, told } = setting('true')
  const proposal = { ...input.proposal, trust: 'untrusted' as const }
  const looked: string[] = []
  const watched = {
    ...ports,
    programOf: async () => {
      looked.push('program')
      return { ok: false as const, reason: '' }
    },
  }
  await expect(runAgentEffect(watched).perform(context, { ...input, proposal })).rejects.toMatchObject({
    failure: { class: 'invalid_task', reason: expect.stringContaining('UNSUPPORTED_REQUEST') },
  })
  expect([looked, told, ports.keepers.exists(input.attemptId)]).toEqual([[], [], false])
})

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
    `lent att-1-1 ${home}`,
    'taken back att-1-1',
    'settled completed',
    'taken back att-1-1',
    'settled completed',
  ])
})

test('a stopped agent leaves no login behind (regression: only one that ended by itself gave it back)', async () => {
  const { ports, input, context, told, workspace, stop } = setting('echo up >up; sleep 300')
  const running = runAgentEffect(ports).perform(context, input)
  await until(() => existsSync(join(workspace, 'up')))
  await stopAgentEffect(ports).perform(context, stop)
  await running
  expect(told.filter((what) => what === 'taken back att-1-1').length).toBeGreaterThanOrEqual(1)
  expect(told.at(-1)).toMatch(/^settled/)
})

test('nothing was started: it is settled as that', async () => {
  const { ports, context, told, stop } = setting('true')
  await stopAgentEffect(ports).perform(context, stop)
  expect(told).toEqual(['taken back att-1-1', 'settled not_started'])
})

/** With the real ledger, and a cancellation that somebody else decides about. */
const cancellable = async () => {
  const made = setting('true')
  const store = await openSqliteStore({ path: made.layout.journal, clock: systemClock })
  onTestFinished(() => store.close())
  const ledger = createLedger({ store, rules: rules(), clock: systemClock, writer: 'inc-1' })
  const abort = new AbortController()
  const gate = Promise.withResolvers<void>()
  const ports = { ...made.ports, ledger }
  return { ...made, ports, ledger, store, abort, gate, context: { ...made.context, signal: abort.signal } }
}

test('cancelled while its program is tried, it reserves nothing (regression: it did, for ever)', async () => {
  const { ports, input, context, stop, store, abort, gate } = await cancellable()
  const tried: RunAgentPorts['programOf'] = async () => {
    await gate.promise
    return { ok: true, program: [], version: '1', resumes: true }
  }
  const running = runAgentEffect({ ...ports, programOf: tried }).perform(context, input)
  abort.abort('cancelled')
  expect(await stopAgentEffect(ports).perform(context, stop)).toEqual({ stopped: false })
  gate.resolve()
  await expect(running).rejects.toBe('cancelled')
  expect(await store.getSpend(input.attemptId)).toBeNull()
})

test('cancelled while it reserves, who stops it waits and settles that (regression: it found nothing open)', async () => {
  const { ports, input, context, stop, store, ledger, abort, gate } = await cancellable()
  const asked = Promise.withResolvers<void>()
  const slow: LedgerPort = {
    ...ledger,
    reserve: async (request) => {
      asked.resolve()
      await gate.promise
      return ledger.reserve(request)
    },
  }
  const running = runAgentEffect({ ...ports, ledger: slow }).perform(context, input)
  await asked.promise
  abort.abort('cancelled')
  const stopping = stopAgentEffect({ ...ports, ledger: slow }).perform(context, stop)
  gate.resolve()
  await expect(running).rejects.toBe('cancelled')
  expect(await stopping).toEqual({ stopped: false })
  expect((await store.getSpend(input.attemptId))?.settled?.ending).toBe('not_started')
})

test('what is settled is not started again', async () => {
  const { ports, input, context, stop, ledger, store } = await cancellable()
  const failing = { ...ports.keepers, start: async () => ({ ok: false as const, reason: 'no process' }) }
  const effect = runAgentEffect({ ...ports, keepers: failing })
  await expect(effect.perform(context, input)).rejects.toThrow('no process')
  expect(await ledger.openFor(input.attemptId)).toEqual({ agent: 'claude' })
  await stopAgentEffect(ports).perform(context, stop)
  await expect(runAgentEffect(ports).perform(context, input)).rejects.toThrow('settled already')
  expect(ports.keepers.exists(input.attemptId)).toBe(false)
  expect((await store.getSpend(input.attemptId))?.settled).toMatchObject({
    ending: 'not_started',
    usdMicros: 0,
  })
})

/** The real lender, of a login that lies in a HOME of the test. */
const lender = (layout: StateLayout): LoginPort => {
  const ownerHome = join(layout.root, 'owner')
  mkdirSync(join(ownerHome, '.tool'), { recursive: true })
  writeFileSync(join(ownerHome, '.tool/auth.json'), '{"token":1}')
  const lending = { ownerHome, lockFile: join(layout.root, 'login.lock'), clock: systemClock }
  const noteOf = (attempt: string): string => attemptRecords(layout, attempt).lentLogin
  return {
    lend: (type, attempt, home) => void lendLogin(lending, type?.file ?? '', home, noteOf(attempt)),
    takeBack: (attempt) => takeLoginBack(lending, noteOf(attempt)),
  }
}

test('a keeper that could not be started leaves no login behind (regression: it lay there for good)', async () => {
  const { ports, input, context, told, home, layout, stop } = setting('true')
  const failing = { ...ports.keepers, start: async () => ({ ok: false as const, reason: 'no process' }) }
  const lending = { ...ports, login: lender(layout), keepers: failing }
  await expect(runAgentEffect(lending).perform(context, input)).rejects.toThrow('no process')
  expect(existsSync(join(home, '.tool/auth.json'))).toBe(true)
  await stopAgentEffect(lending).perform(context, stop)
  expect(existsSync(join(home, '.tool/auth.json'))).toBe(false)
  expect(told).toEqual(['settled not_started'])
})

test('an agent that ran is not settled as if it had not, whatever became of its spec (regression: it cost nothing)', async () => {
  const { ports, input, context, told, layout, stop } = setting('true')
  await runAgentEffect(ports).perform(context, input)
  writeFileSync(join(layout.keeperDir(input.attemptId), 'spec.json'), '{')
  told.length = 0
  await stopAgentEffect(ports).perform(context, stop)
  expect(told).toEqual(['taken back att-1-1', 'settled cancelled'])
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
