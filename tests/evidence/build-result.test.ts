import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AttemptResult } from '../../src/evidence/attempt-result.ts'
import { buildExecutionTrace, headlineOf, summaryOf } from '../../src/evidence/build-execution-trace.ts'
import { buildResult } from '../../src/evidence/build-result.ts'
import { buildResultSummary } from '../../src/evidence/build-result-summary.ts'
import { buildRunSummary } from '../../src/evidence/build-run-summary.ts'
import { inputOf, refusedInput } from './support/sample.ts'

const outcome = (overrides: object) => ({ ...inputOf().outcome, ...overrides })
const measured = (changed: object) => ({ changed, commit: null, diffStat: '' })
const failure = { class: 'validation_failure', reason: 'npm test failed' }
const block = { status: 'block', findings: [], summary: 'blocked' }
const failedChecks = { ...inputOf().checks, passed: false }

describe('status: the first row that holds', () => {
  test.each([
    ['everything well', inputOf(), 'succeeded'],
    ['policy refused the plan', refusedInput(), 'refused'],
    [
      'the task was not valid',
      inputOf({ outcome: null, failure: { ...failure, class: 'invalid_task' } }),
      'refused',
    ],
    [
      'no workspace could be made',
      inputOf({ outcome: null, failure: { ...failure, class: 'infra_tooling' } }),
      'not_executed',
    ],
    ['nothing is known', inputOf({ outcome: null }), 'not_executed'],
    ['killed from outside', inputOf({ outcome: outcome({ ending: 'interrupted' }), failure }), 'interrupted'],
    ['cancelled by a person', inputOf({ outcome: outcome({ ending: 'cancelled' }) }), 'cancelled'],
    ['the run failed', inputOf({ failure }), 'failed'],
    ['the agent failed', inputOf({ outcome: outcome({ ending: 'failed' }) }), 'failed'],
    ['the agent completed with a failure', inputOf({ outcome: outcome({ failure }) }), 'failed'],
    ['a check failed, though nobody called it a failure', inputOf({ checks: failedChecks }), 'failed'],
    ['policy blocked the work, though nobody called it a failure', inputOf({ policy: block }), 'failed'],
  ])('%s', (_name, input, status) => {
    const result = buildResult(input, true)
    expect([result.status, result.success]).toEqual([status, status === 'succeeded'])
    expect(AttemptResult.parse(JSON.parse(JSON.stringify(result)))).toEqual(result)
  })
})

describe('changed files are never guessed', () => {
  test.each([
    ['known', inputOf(), { status: 'KNOWN', files: 1, linesAdded: 3, linesRemoved: 1, reason: null }],
    [
      'none',
      inputOf({ measurement: measured({ status: 'NONE', source: 'git' }) }),
      { status: 'NONE', files: 0 },
    ],
    [
      'unknown',
      inputOf({ measurement: measured({ status: 'UNKNOWN', reason: 'git failed' }) }),
      { status: 'UNKNOWN', files: null, reason: 'git failed' },
    ],
    [
      'not applicable',
      inputOf({ measurement: measured({ status: 'NOT_APPLICABLE' }) }),
      { status: 'NOT_APPLICABLE', files: null },
    ],
    [
      'not measured',
      inputOf({ measurement: null }),
      { status: 'UNKNOWN', files: null, reason: 'the work was not measured' },
    ],
    ['never run', refusedInput(), { status: 'NOT_APPLICABLE', files: null }],
  ])('%s', (_name, input, changedFiles) => {
    expect(buildResult(input, true).changedFiles).toMatchObject(changedFiles)
  })
})

describe('what people read', () => {
  const trace = (input: ReturnType<typeof inputOf>) => buildExecutionTrace(input, buildResult(input, true))

  test('headline and summary', () => {
    expect(headlineOf(buildResult(inputOf(), true))).toBe('SUCCEEDED | claude @ goal | run-1')
    expect(summaryOf(buildResult(inputOf(), true))).toBe('changed 1 file(s), +3 −1; 1 of 1 checks passed')
    expect(summaryOf(buildResult(refusedInput(), true))).toBe('refused (scope_policy): secrets/ is blocked')
  })

  test.each([
    ['recorded', { outcome: outcome({ recorded: true }) }, /replayed a recording/],
    ['unmeasured', { measurement: null }, /what changed is not known/],
    ['unchecked', { checks: null }, /no check was run/],
    ['without checks', { checks: { ...inputOf().checks, results: [] } }, /has no checks/],
    ['of unknown exit', { outcome: outcome({ exitCode: 'UNKNOWN' }) }, /exit code is not known/],
    [
      'swept',
      { outcome: outcome({ containment: { level: 'swept', sandbox: 'on' } }) },
      /without a namespace/,
    ],
    ['without a sandbox', {}, /without a sandbox/],
  ])('warns of a run that is %s', (_name, overrides, warning) => {
    const { warnings } = trace(inputOf(overrides)) as { warnings: string[] }
    expect(warnings.some((text) => warning.test(text))).toBe(true)
  })

  test('steps that were never reached are left out', () => {
    const { steps } = trace(refusedInput()) as { steps: Array<{ step: string }> }
    expect(steps.map(({ step }) => step)).toEqual(['plan', 'policy', 'end'])
  })

  test('whatever a task is called, its summary has the same structure', () => {
    const lines = (title: string) => {
      const input = inputOf()
      const result = buildResult({ ...input, task: { ...input.task, title } }, true)
      return buildResultSummary(buildRunSummary({ result, attestation: 'a'.repeat(64) })).split('\n')
    }
    const usual = lines('Fix the total')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (title) => {
        const made = lines(`x${title}`)
        return made.length === usual.length && made.slice(1).every((line, n) => line === usual[n + 1])
      }),
    )
    expect(lines('![x](http://evil) <img> `y`')[0]).toBe('# !\\[x\\](http://evil) \\<img\\> \\`y\\`')
  })
})
