import { describe, expect, it } from 'vitest'
import { names } from './support/durable-run.ts'
import * as sample from './support/samples.ts'
import {
  ADMITTED,
  begin,
  reviewBlocked,
  revise,
  settle,
  startTask,
  toReview,
  toWorking,
  workToReview,
} from './support/task-steps.ts'

describe('a revision', () => {
  it('continues on the branch of the pull request, from the head that was judged, and opens no other', () => {
    const run = toReview(startTask()).send(revise)
    expect(run.state).toBe('admitting')
    expect(names(run)).toContain('to Running')
    begin(run, { ...sample.workspace, startSha: sample.HEAD })
    expect(run.lastParams('runAgent').revision.reasons).toEqual(['name it better'])
    workToReview(run, sample.OTHER)
    const pushes = run.asked.filter((asked) => asked.name === 'publishBranch')
    expect(pushes.at(-1)?.params).toMatchObject({
      branch: 'oc-supervise/att-1-1',
      sha: sample.OTHER,
      expected: sample.HEAD,
    })
    expect(run.asked.filter((asked) => asked.name === 'openPull')).toHaveLength(1)
    expect(run.lastParams('REVISED')).toMatchObject({
      to: 'review-1-1',
      event: { attemptId: 'att-1-2', commit: { sha: sample.OTHER }, pull: { headSha: sample.OTHER } },
    })
  })

  it('that changes nothing is a no-op, even though the pull request differs from its base', () => {
    const run = toReview(startTask()).send(revise)
    begin(run, { ...sample.workspace, startSha: sample.HEAD })
    run.done('runAgent', sample.ended('completed')).done('measureWork', sample.measured(sample.HEAD))
    settle(run)
    expect(run.context.blocked.class).toBe('no_op')
  })

  it('is not begun when the revisions are used up', () => {
    const run = toReview(startTask(), { terms: { maxRevisions: 0 } }).send(revise)
    expect(run.state).toBe('blocked')
  })
})

describe('what stops a review', () => {
  it('blocks, and a retry revises the same pull request', () => {
    const run = toReview(startTask()).send(reviewBlocked({ headSha: sample.OTHER }))
    expect(run.state).toBe('blocked')
    run.send({ type: 'RETRY', by: 'ada' })
    expect(run.state).toBe('planning')
    run.done('plan', sample.planned()).done('judgePlan', sample.policy('allow')).done('admitRun', ADMITTED)
    expect(run.lastParams('prepareWorkspace').revision).toMatchObject({
      headSha: sample.OTHER,
      reasons: ['rejected'],
    })
  })

  it('is judged again as it is where only the review itself was in trouble', () => {
    const run = toReview(startTask())
      .send(reviewBlocked({ resume: true }))
      .send({ type: 'RETRY', by: 'ada' })
    expect(run.state).toBe('inReview')
    expect(run.lastParams('RESUME').to).toBe('review-1-1')
  })

  it('starts with a new branch and a new review where the pull request is gone', () => {
    const run = toReview(startTask())
      .send(reviewBlocked({ closed: true }))
      .send({ type: 'RETRY', by: 'ada' })
    workToReview(toWorking(run))
    const push = run.asked.filter((asked) => asked.name === 'publishBranch').at(-1)
    expect(push?.params).toMatchObject({ branch: 'oc-supervise/att-1-2', expected: null })
    expect(run.lastParams('start review').id).toBe('review-1-2')
  })

  it('says who rejected the merge', () => {
    const run = toReview(startTask()).send({ type: 'GATE_REJECTED', by: 'ada', note: 'too slow' })
    expect(run.context.blocked.reason).toBe('ada rejected the merge: too slow')
  })

  it('puts a requeued task back for a lane to claim, and does it anew', () => {
    const run = toReview(startTask()).send({ type: 'REQUEUED', reason: 'nobody answered' })
    expect(run.state).toBe('setAside')
    expect(names(run)).toEqual(['to Ready'])
    run.send({ type: 'CLAIMED', runId: 'run-2' })
    expect(run.state).toBe('planning')
    expect(run.lastParams('plan').runId).toBe('run-2')
  })
})
