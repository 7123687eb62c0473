import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AgentType } from '../../src/agents/agent-type.ts'
import { commandAgent } from '../../src/agents/command.ts'
import { EFFECT_IO, type EffectInput } from '../../src/contracts/effect-io.ts'
import { attemptRecords } from '../../src/effects/attempt-records.ts'
import { runAgentEffect } from '../../src/effects/run-agent.ts'
import * as sample from '../machines/durable/support/samples.ts'
import { scriptAgent } from './support/script-agent.ts'

test('what its type cannot do is refused before anything is started: no program is looked for, no money, no keeper', async () => {
  const { ports, input, context, told } = scriptAgent('true')
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
  const { ports, input, context, told, keyFile, layout, home } = scriptAgent('cat; echo done >out.txt')
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

test('an agent that could not be started costs nothing (regression: all that was reserved)', async () => {
  const { ports, input, context, told, workspace } = scriptAgent('true')
  rmSync(workspace, { recursive: true })
  expect(await runAgentEffect(ports).perform(context, input)).toMatchObject({
    ending: 'failed',
    failure: { class: 'infra_tooling', reason: expect.stringContaining('could not be started') },
  })
  expect(told.at(-1)).toBe('settled not_started')
})

test('nor does one whose sandbox could not be built', async () => {
  const { ports, input, context, told } = scriptAgent('exit 1')
  const walled = { ...ports, sandbox: { ...ports.sandbox, leave: () => false } }
  expect(await runAgentEffect(walled).perform(context, input)).toMatchObject({
    ending: 'failed',
    failure: { class: 'infra_tooling', reason: expect.stringContaining('sandbox could not be built') },
  })
  expect(told.at(-1)).toBe('settled not_started')
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
  const { ports, input, context, layout, workspace } = scriptAgent('true')
  const used = { inputTokens: 600, cachedInputTokens: 0, outputTokens: 60, usd: 0, coveredUsd: 0 }
  const session = {
    agent: 'claude',
    sessionId: 'session-1',
    homeOf: 'att-1-0',
    attemptId: 'att-1-0',
    startSha: sample.workspace.startSha,
    used,
  }
  const sessioned = { ...ports, agentTypeOf: () => SESSIONED, programOf: async () => found }
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
