import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listRuns, readRun } from '../../src/evidence/read-runs.ts'
import { writeEvidence } from '../../src/evidence/write-evidence.ts'
import { type EvidencePlace, evidencePlace, inputOf, RECORDED_AT_MS } from './support/sample.ts'

let place: EvidencePlace
beforeEach(() => {
  place = evidencePlace()
})
afterEach(() => place.remove())

const write = (overrides: Record<string, unknown>) =>
  writeEvidence(place.runsDir, place.evidenceOf(inputOf(overrides)), place.signer)

test('no runs folder means no runs', () => {
  expect(listRuns(place.runsDir)).toEqual({ runs: [], problems: [] })
})

test('runs are listed oldest first, whatever their ids', async () => {
  await write({ runId: 'run-a', attemptId: 'att-1', nowMs: RECORDED_AT_MS + 1 })
  await write({ runId: 'run-b', attemptId: 'att-2' })
  const { runs, problems } = listRuns(place.runsDir)
  expect(runs.map(({ runId, status }) => [runId, status])).toEqual([
    ['run-b', 'succeeded'],
    ['run-a', 'succeeded'],
  ])
  expect(problems).toEqual([])
})

test('a run that cannot be read is named, not left out', async () => {
  await write({})
  mkdirSync(join(place.runsDir, 'run-broken'))
  writeFileSync(join(place.runsDir, 'run-broken', 'summary.json'), '{')
  const { runs, problems } = listRuns(place.runsDir)
  expect(runs).toHaveLength(1)
  expect(problems).toEqual([expect.stringMatching(/run-broken\/summary.json/)])
})

test('one run is shown with its attempts and what each of them left', async () => {
  await write({ attemptId: 'att-2', attempt: 2, nowMs: RECORDED_AT_MS + 1 })
  await write({ attemptId: 'att-3' })
  const run = readRun(place.runsDir, 'run-1')
  if (!run.ok) throw new Error(run.message)
  expect(run.summary.attempts).toHaveLength(2)
  expect(run.attempts.map(({ result }) => result.attemptId)).toEqual(['att-3', 'att-2'])
  expect(run.attempts[0]?.files.filter(({ present }) => !present).map(({ file }) => file)).toEqual([
    'start_gate.json',
  ])
  rmSync(join(place.runsDir, 'run-1', 'att-2', 'index.json'))
  expect(readRun(place.runsDir, 'run-1')).toMatchObject({
    ok: true,
    attempts: [{}],
    problems: [expect.any(String)],
  })
})

test.each(['run-none', '../../etc', ''])('the run "%s" is not there', (runId) => {
  expect(readRun(place.runsDir, runId)).toMatchObject({ ok: false, reason: 'missing' })
})
