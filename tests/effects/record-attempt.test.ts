import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { createLedger } from '../../src/budget/ledger.ts'
import type { AgentOutcome } from '../../src/contracts/agent-run.ts'
import type { Failure } from '../../src/contracts/failure.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import { recordAttemptEffect } from '../../src/effects/record-attempt.ts'
import { writeEvidence } from '../../src/evidence/write-evidence.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { stateLayout } from '../../src/platform/state-layout.ts'
import { question, rules } from '../budget/samples.ts'
import { type EvidencePlace, evidencePlace, inputOf } from '../evidence/support/sample.ts'
import { ended } from '../machines/durable/support/samples.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { effectContext } from './support/run-agent-ports.ts'

let place: EvidencePlace
beforeEach(() => {
  place = evidencePlace()
})
afterEach(() => place.remove())

/** Records a run of agent `a` that the ledger has settled, and asks it about another task's. */
const record = async (outcome: AgentOutcome, failure: Failure | null) => {
  const layout = stateLayout(makeTempDir('record-attempt'))
  const store = await openSqliteStore({ path: layout.journal, clock: systemClock })
  onTestFinished(() => store.close())
  const ledger = createLedger({ store, rules: rules(), clock: systemClock, writer: 'inc-1' })
  const input = inputOf({ outcome, failure })
  const { attemptId: attempt, runId: run } = input
  const of = {
    ...question({ task: 'task-1' }),
    task: 'task-1',
    run,
    lane: 'goal',
    purpose: 'attempt',
  } as const
  await ledger.reserve({ ...of, attempt })
  await ledger.settle(attempt, {
    ending: outcome.ending === 'completed' ? 'completed' : 'failed',
    usage: outcome.usage,
    isPriced: outcome.usage?.usd !== 0,
    endedAt: null,
    signal: null,
  })
  const evidence = place.evidenceOf(input)
  await recordAttemptEffect({
    layout,
    ledger,
    writeEvidence,
    signer: place.signer,
    gateTrust: evidence.gateTrust,
    versions: evidence.versions,
    journalPosition: async () => evidence.journal,
    startDecision: async () => Promise.reject(new Error('nobody was asked')),
    keeperFiles: () => evidence.keeper,
    secretsOf: async () => evidence.secrets,
  }).perform(effectContext('recordAttempt'), input)
  const { conclusion } = (await store.getSpend(attempt)) ?? {}
  const told = (...path: string[]) => JSON.parse(readFileSync(join(layout.runs, run, ...path), 'utf8'))
  return {
    conclusion,
    told,
    attempt,
    refusal: await ledger.refusal({ ...question({ task: 'task-2' }), lane: 'goal' }),
  }
}

const failure = (of: Failure['class']): Failure => ({ class: of, reason: 'told', excerpt: null })
const quota = failure('quota_exhausted')
const rate = failure('rate_limited')

test('an agent that its service turned away is left alone by other tasks', async () => {
  const { conclusion, refusal } = await record(ended('failed', quota), quota)
  expect(conclusion).toMatchObject({ result: 'quota_exhausted', turnedAway: true })
  expect(refusal).toMatchObject({ cap: 'agents.a', failure: { class: 'quota_exhausted' } })
})

test.each([
  ['that we stopped, its money used up', ended('failed', quota, { stopReason: 'budget' }), quota],
  ['whose pull request the forge puts off', ended('completed'), rate],
])('an agent %s is not (regression: it was, for up to an hour)', async (_what, outcome, failed) => {
  const { conclusion, refusal } = await record(outcome, failed)
  expect(conclusion).toMatchObject({ result: failed.class, turnedAway: false })
  expect(refusal).toBeNull()
})

test.each([
  ['tokens alone: it is not known (regression: 0)', 0, null],
  ['tokens and dollars', 0.5, 0.5],
])('what it cost, told of %s', async (_what, usd, expected) => {
  const usage = { inputTokens: 5, cachedInputTokens: 0, outputTokens: 1, usd, coveredUsd: 0 }
  const { told, attempt } = await record(ended('completed', null, { usage }), null)
  expect(told(attempt, 'result.json').usage).toEqual({ ...usage, usd: expected })
  expect(told(attempt, 'execution_record.json').agentRun.usage).toEqual({ ...usage, usd: expected })
  expect(told('summary.json')).toMatchObject({ attempts: [{ usd: expected }], totals: { usd: expected } })
})
