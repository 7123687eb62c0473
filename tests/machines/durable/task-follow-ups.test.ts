import { describe, expect, it } from 'vitest'
import { names } from './support/durable-run.ts'
import * as sample from './support/samples.ts'
import { failAgent, settle, startTask, toReview, toWorking } from './support/task-steps.ts'

describe('follow-ups', () => {
  it('a goal that asks for verification is Done when its test is', () => {
    const run = toReview(startTask({ verify: true })).send({ type: 'MERGED', sha: sample.MERGE })
    expect(run.state).toBe('verifying')
    expect(run.lastParams('addTask').spec).toMatchObject({
      id: 'task-1-test-1',
      kind: 'test',
      verify: false,
      parent: { id: 'task-1', handoff: 'verification_needed' },
    })
    expect(run.send({ type: 'CHILD_DONE', taskId: 'task-9' }).state).toBe('verifying')
    expect(run.send({ type: 'CHILD_DONE', taskId: 'task-1-test-1' }).state).toBe('done')
  })

  it('a goal whose test fails is Blocked until the test is Done after all', () => {
    const run = toReview(startTask({ verify: true })).send({ type: 'MERGED', sha: sample.MERGE })
    run.send({ type: 'CHILD_FAILED', taskId: 'task-1-test-1', reason: 'red' })
    expect(run.state).toBe('blocked')
    expect(run.send({ type: 'CHILD_DONE', taskId: 'task-1-test-1' }).state).toBe('done')
  })

  it('a retry of a merged goal asks for another test, never for another merge', () => {
    const run = toReview(startTask({ verify: true })).send({ type: 'MERGED', sha: sample.MERGE })
    run
      .send({ type: 'CHILD_FAILED', taskId: 'task-1-test-1', reason: 'red' })
      .send({ type: 'RETRY', by: 'ada' })
    expect(run.state).toBe('verifying')
    expect(run.lastParams('addTask').spec.id).toBe('task-1-test-2')
  })

  const test = {
    id: 'task-1-test-1',
    kind: 'test',
    parent: { id: 'task-1', handoff: 'verification_needed' },
  }

  it('a test that changes nothing passes by its checks, on the commit it started from', () => {
    const run = toWorking(startTask(test))
      .done('runAgent', sample.ended('completed'))
      .done('measureWork', sample.nothingMeasured)
    expect(run.lastParams('runChecks').sha).toBe(sample.BASE)
    settle(run.done('runChecks', sample.checks('passed', sample.BASE)))
    expect(run.state).toBe('done')
    expect(run.lastParams('CHILD_DONE')).toMatchObject({
      to: 'task-1',
      queue: 'goal',
      event: { taskId: 'task-1-test-1' },
    })
  })

  it('a test that changes nothing proves nothing where no check is configured', () => {
    const run = toWorking(startTask(test), { maxAttempts: 1 })
      .done('runAgent', sample.ended('completed'))
      .done('measureWork', sample.nothingMeasured)
      .done('runChecks', sample.checks('none', sample.BASE))
    expect(settle(run).state).toBe('blocked')
  })

  it('a failed test asks for a fix, tells the goal, and runs again when the fix is Done', () => {
    const run = failAgent(toWorking(startTask(test), { maxAttempts: 1 }))
    expect(run.state).toBe('blocked')
    expect(run.lastParams('addTask').spec).toMatchObject({
      id: 'task-1-test-1-fix-1',
      kind: 'goal',
      // What the checks printed is quoted apart: nobody vouches for it.
      goal: expect.not.stringContaining('it ended with'),
      quoted: expect.stringContaining('it ended with validation_failure'),
      parent: { id: 'task-1-test-1', handoff: 'verification_failed' },
    })
    expect(run.lastParams('CHILD_FAILED').to).toBe('task-1')
    run.send({ type: 'CHILD_DONE', taskId: 'task-1-test-1-fix-1' })
    expect(run.state).toBe('planning')
  })

  it('a test stopped by something other than the code asks for no fix', () => {
    const run = failAgent(toWorking(startTask(test)), sample.failed('auth'))
    expect(names(run)).not.toContain('addTask')
    expect(names(run)).toContain('CHILD_FAILED')
  })

  it('a fix tells the test that asked for it', () => {
    const fix = { id: 'task-2', parent: { id: 'task-1-test-1', handoff: 'verification_failed' } }
    const run = toReview(startTask(fix)).send({ type: 'MERGED', sha: sample.MERGE })
    expect(run.lastParams('CHILD_DONE')).toMatchObject({ to: 'task-1-test-1', queue: 'test' })
  })
})
