import { describe, expect, it } from 'vitest'
import { names } from './support/durable-run.ts'
import * as sample from './support/samples.ts'
import {
  failAgent,
  reviewBlocked,
  settle,
  startTask,
  toReview,
  toWorking,
  workToReview,
} from './support/task-steps.ts'

describe('people', () => {
  it('cancel a working agent: it is stopped, recorded and saved before the task ends', () => {
    const run = toWorking(startTask()).send({ type: 'CANCEL', by: 'ada' })
    expect(run.effect).toBe('stopAgent')
    settle(run.done('stopAgent', { stopped: true }))
    expect(run.state).toBe('cancelled')
    expect(names(run)).toEqual(['to Cancelled'])
  })

  it('are not told cancelled before the agent is proved dead', () => {
    const run = toWorking(startTask()).send({ type: 'CANCEL', by: 'ada' })
    for (let tries = 0; tries < 30; tries += 1)
      run.fail('stopAgent', sample.failed('unknown', 'survived')).after('troubleDelay')
    expect(run.effect).toBe('stopAgent')
  })

  it('cancel a review, but a merge that got through is the truth', () => {
    const cancelled = toReview(startTask()).send({ type: 'CANCEL', by: 'ada' })
    expect(cancelled.state).toBe('withdrawing')
    expect(names(cancelled)).toEqual(['CANCEL'])
    expect(cancelled.send({ type: 'REVIEW_CLOSED' }).state).toBe('cancelled')
    const merged = toReview(startTask()).send({ type: 'CANCEL', by: 'ada' })
    expect(merged.send({ type: 'MERGED', sha: sample.MERGE }).state).toBe('done')
  })

  it.each([
    ['was closed by somebody else', reviewBlocked({ closed: true })],
    ['was requeued', { type: 'REQUEUED', reason: 'silence' }],
  ])('cancel a review that %s at the same moment', (_, event) => {
    expect(toReview(startTask()).send({ type: 'CANCEL', by: 'ada' }).send(event).state).toBe('cancelled')
  })

  it('move the card away: the attempt ends, the board is left alone, and a lane may claim it again', () => {
    const run = toWorking(startTask()).send({ type: 'MOVED', to: 'Ready' })
    settle(run.done('stopAgent', { stopped: true }))
    expect(run.state).toBe('setAside')
    expect(names(run)).toEqual([])
    run.send({ type: 'CLAIMED', runId: 'run-2' })
    workToReview(toWorking(run))
    expect(run.context.published.attemptId).toBe('att-1-2')
  })

  it('move the card away, and a claim that comes before the review has closed is not lost', () => {
    const run = toReview(startTask())
      .send({ type: 'MOVED', to: 'Ready' })
      .send({ type: 'CLAIMED', runId: 'run-2' })
    expect(run.state).toBe('withdrawing')
    run.send({ type: 'REVIEW_CLOSED' })
    expect(run.state).toBe('planning')
    expect(run.lastParams('plan').runId).toBe('run-2')
  })

  it('move the card to an end: that is the end', () => {
    const run = toWorking(startTask()).send({ type: 'MOVED', to: 'Done' })
    settle(run.done('stopAgent', { stopped: true }))
    expect(run.state).toBe('cancelled')
    expect(names(run)).toEqual([])
  })

  it('ask to move the card off Running: it moves once the agent is dead and the work saved, and may be claimed then', () => {
    const run = toWorking(startTask()).send({ type: 'MOVE', to: 'Ready', by: 'ada', reason: 'not yet' })
    expect([run.state, names(run)]).toEqual(['stopping', ['stopAgent']])
    run
      .done('stopAgent', { stopped: true })
      .done('recordAttempt', { dir: '/runs/1', attestationHash: sample.HASH })
    expect(names(run)).toEqual(['releaseWorkspace'])
    run.done('releaseWorkspace', { saved: [], removed: true })
    expect([run.state, names(run)]).toEqual(['setAside', ['to Ready']])
    expect(run.lastParams('to Ready')).toMatchObject({ taskId: 'task-1', reason: 'not yet (ada)' })
    expect(run.lastParams('to Ready').from).toContain('Running')
    run.send({ type: 'CLAIMED', runId: 'run-2' })
    workToReview(toWorking(run))
    expect(run.context.published.attemptId).toBe('att-1-2')
  })

  it.each(['Done', 'Cancelled'])('ask to move the card to %s: that is the end', (to) => {
    const run = toWorking(startTask()).send({ type: 'MOVE', to, by: 'ada', reason: 'did it myself' })
    settle(run.done('stopAgent', { stopped: true }))
    expect([run.state, names(run)]).toEqual(['cancelled', [`to ${to}`]])
  })

  it('ask twice: the latest word wins', () => {
    const run = toWorking(startTask())
      .send({ type: 'MOVE', to: 'Ready', by: 'ada', reason: '' })
      .send({ type: 'MOVE', to: 'Backlog', by: 'bob', reason: '' })
    settle(run.done('stopAgent', { stopped: true }))
    expect(run.lastParams('to Backlog')).toMatchObject({ reason: 'moved by bob' })
  })

  it('ask to move a card that waits for its start or its review: the question is taken back first', () => {
    const waiting = startTask()
      .done('plan', sample.planned())
      .done('judgePlan', sample.policy('require_review'))
    waiting.send({ type: 'MOVE', to: 'Backlog', by: 'ada', reason: '' })
    expect([waiting.state, names(waiting)]).toEqual(['setAside', ['WITHDRAW', 'to Backlog']])
    const review = toReview(startTask()).send({ type: 'MOVE', to: 'Ready', by: 'ada', reason: '' })
    expect([review.state, names(review)]).toEqual(['withdrawing', ['CANCEL']])
    expect(names(review.send({ type: 'REVIEW_CLOSED' }))).toEqual(['to Ready'])
  })

  it('retry a task whose card was moved to Blocked: it is Ready again', () => {
    const run = toWorking(startTask()).send({ type: 'MOVE', to: 'Blocked', by: 'ada', reason: 'wait' })
    settle(run.done('stopAgent', { stopped: true })).send({ type: 'RETRY', by: 'ada' })
    expect([run.state, names(run)]).toEqual(['setAside', ['to Ready']])
  })

  it('retry a blocked task with all attempts again', () => {
    const run = toWorking(startTask(), { maxAttempts: 1 })
    failAgent(run)
    run.send({ type: 'RETRY', by: 'ada' })
    expect(run.state).toBe('planning')
    expect(run.context).toMatchObject({ failed: 0, blocked: null })
    toWorking(run, { maxAttempts: 1 })
    expect(run.context.attempt.id).toBe('att-1-2')
  })

  it('answer a question, and the answer becomes part of what is asked', () => {
    const run = failAgent(toWorking(startTask()), sample.failed('awaiting_input', 'which port?'))
    expect(run.context.blocked.nextAction).toContain('task answer task-1')
    run.send({ type: 'ANSWER', by: 'ada', text: '8080' })
    expect(run.state).toBe('planning')
    expect(run.lastParams('plan').task.constraints).toBe('Answer by ada: 8080')
  })

  it('cannot answer what was not asked', () => {
    const run = failAgent(toWorking(startTask()), sample.failed('auth'))
    expect(run.send({ type: 'ANSWER', by: 'ada', text: '8080' }).state).toBe('blocked')
  })

  it('claiming a task that just started changes nothing', () => {
    expect(startTask().send({ type: 'CLAIMED', runId: 'run-1' }).effect).toBe('plan')
  })
})
