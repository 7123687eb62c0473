import { describe, expect, it } from 'vitest'
import { DEFERRING, FAILURE_RULES } from '../../../machines/durable/failure-rules.ts'
import { FAILURE_CLASSES } from '../../../src/contracts/failure.ts'
import { names } from './support/durable-run.ts'
import * as sample from './support/samples.ts'
import { begin, failAgent, settle, startTask, toWorking } from './support/task-steps.ts'

describe('attempts', () => {
  it('are retried with the earlier failure in the next prompt until they are used up', () => {
    const run = toWorking(startTask(), { maxAttempts: 2 })
    failAgent(run, sample.failed('validation_failure', 'two tests fail'))
    expect(run.state).toBe('retryWait')
    begin(run.after('retryDelay'))
    expect(run.lastParams('runAgent')).toMatchObject({
      attemptId: 'att-1-2',
      attempt: 2,
      priorFailures: [{ attempt: 1, failure: { class: 'validation_failure', reason: 'two tests fail' } }],
    })
    failAgent(run)
    expect(run.state).toBe('blocked')
    expect(names(run)).toContain('to Blocked')
    expect(names(run)).toContain('comment')
  })

  it.each(FAILURE_CLASSES)('are retried after %s exactly where the table says so', (cls) => {
    const run = failAgent(toWorking(startTask(), { maxAttempts: 2 }), sample.failed(cls))
    const retried = FAILURE_RULES[cls].retry ? 'retryWait' : 'blocked'
    expect(run.state).toBe(DEFERRING.has(cls) ? 'deferred' : retried)
    if (run.state === 'blocked') expect(run.context.blocked.class).toBe(cls)
  })

  it.each(FAILURE_CLASSES)('that end Blocked with %s name one action', (cls) => {
    const action = FAILURE_RULES[cls].nextAction('task-1' as never)
    expect(action).toContain('task-1')
    expect(action.length).toBeLessThan(200)
  })

  it('that were interrupted never count, and are given up only after twenty in a row', () => {
    const run = toWorking(startTask(), { maxAttempts: 1 })
    for (let times = 1; times <= 20; times += 1) {
      settle(run.done('runAgent', sample.ended('interrupted')))
      expect(run.state).toBe('retryWait')
      begin(run.after('retryDelay'))
    }
    expect(run.context.failed).toBe(0)
    settle(run.done('runAgent', sample.ended('interrupted')))
    expect(run.state).toBe('blocked')
    expect(run.context.blocked).toMatchObject({ class: 'infra_tooling' })
  })

  it('that the policy blocks are not retried', () => {
    const run = toWorking(startTask(), { maxAttempts: 5 })
      .done('runAgent', sample.ended('completed'))
      .done('measureWork', sample.measured())
      .done('judgeWork', sample.policy('block'))
    settle(run)
    expect(run.context.blocked.class).toBe('scope_policy')
  })

  it('that the policy blocks say each finding once', () => {
    const finding = (message: string) => ({ rule: 'path.r', effect: 'block' as const, message, path: null })
    const run = toWorking(startTask())
      .done('runAgent', sample.ended('completed'))
      .done('measureWork', sample.measured())
      .done('judgeWork', {
        ...sample.policy('block'),
        findings: [finding('one'), finding('two')],
        summary: 'BLOCKED: one (and 1 more)',
      })
    settle(run)
    expect(run.context.blocked.reason).toBe('one; two')
  })

  it('that change nothing are no success', () => {
    const run = toWorking(startTask())
      .done('runAgent', sample.ended('completed'))
      .done('measureWork', sample.nothingMeasured)
    settle(run)
    expect(run.context.blocked.class).toBe('no_op')
  })

  it('that fail their checks show the output to the next one', () => {
    const run = toWorking(startTask())
      .done('runAgent', sample.ended('completed'))
      .done('measureWork', sample.measured())
      .done('judgeWork', sample.policy('allow'))
      .done('runChecks', sample.checks('failed'))
    settle(run)
    expect(run.state).toBe('retryWait')
    expect(run.context.priorFailures[0].failure).toMatchObject({
      class: 'validation_failure',
      excerpt: 'expected hello',
    })
  })

  it('do not count checks of another commit', () => {
    const run = toWorking(startTask())
      .done('runAgent', sample.ended('completed'))
      .done('measureWork', sample.measured())
      .done('judgeWork', sample.policy('allow'))
      .done('runChecks', sample.checks('passed', sample.OTHER))
    expect(run.effect).toBe('recordAttempt')
    expect(run.context.attempt.failure.class).toBe('infra_tooling')
  })
})
