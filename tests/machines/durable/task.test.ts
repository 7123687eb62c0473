import { describe, expect, it } from 'vitest'
import { DEFERRING, FAILURE_RULES } from '../../../machines/durable/failure-rules.ts'
import { TaskContext } from '../../../machines/durable/task-context.ts'
import { FAILURE_CLASSES } from '../../../src/contracts/failure.ts'
import * as sample from './support/samples.ts'
import {
  failAgent,
  reviewBlocked,
  revise,
  settle,
  startTask,
  toReview,
  toWorking,
  workToReview,
} from './support/task-steps.ts'

const names = (run: { last: { name: string }[] }) => run.last.map((asked) => asked.name)

describe('the way of a task', () => {
  it('goes from the plan to the review in one line', () => {
    const run = toReview(startTask())
    expect(run.state).toBe('inReview')
    expect(run.asked.filter((asked) => asked.type === 'invoke').map((asked) => asked.name)).toEqual([
      'plan',
      'judgePlan',
      'prepareWorkspace',
      'runAgent',
      'measureWork',
      'judgeWork',
      'runChecks',
      'scanSecrets',
      'publishBranch',
      'openPull',
      'readBack',
      'recordAttempt',
      'releaseWorkspace',
    ])
    expect(names(run)).toEqual(['start review', 'to Review'])
    expect(run.lastParams('start review')).toMatchObject({
      id: 'review-1-1',
      queue: 'review',
      input: { taskId: 'task-1', taskQueue: 'goal', attemptId: 'att-1-1', policyReview: [] },
    })
  })

  it('is Done when the review says merged', () => {
    const run = toReview(startTask()).send({ type: 'MERGED', sha: sample.MERGE })
    expect(run.state).toBe('done')
    expect(run.lastParams('to Done')).toMatchObject({ to: 'Done', reason: `merged as ${sample.MERGE}` })
  })

  it('pushes a first attempt to a branch that names it and must not exist', () => {
    const run = toReview(startTask())
    const push = run.asked.find((asked) => asked.name === 'publishBranch')
    expect(push?.params).toMatchObject({ branch: 'oc-supervise/att-1-1', expected: null })
  })

  it('does not believe a remote that shows another head', () => {
    const run = toWorking(startTask())
      .done('runAgent', sample.ended('completed'))
      .done('measureWork', sample.measured())
      .done('judgeWork', sample.policy('allow'))
      .done('runChecks', sample.checks())
      .done('scanSecrets', { findings: [] })
      .done('publishBranch', { branch: 'b', sha: sample.HEAD })
      .done('openPull', sample.pull())
      .done('readBack', { remoteSha: sample.OTHER, baseSha: sample.BASE })
    settle(run)
    expect(run.state).toBe('blocked')
    expect(run.context.blocked.class).toBe('publish_failed')
  })

  it('tells the review why the policy wants a person', () => {
    const run = toWorking(startTask())
      .done('runAgent', sample.ended('completed'))
      .done('measureWork', sample.measured())
      .done('judgeWork', sample.policy('require_review'))
      .done('runChecks', sample.checks())
      .done('scanSecrets', { findings: [] })
      .done('publishBranch', { branch: 'b', sha: sample.HEAD })
      .done('openPull', sample.pull())
    settle(run.done('readBack', { remoteSha: sample.HEAD, baseSha: sample.BASE }))
    expect(run.lastParams('start review').input.policyReview).toEqual(['review.risk: risky'])
  })
})

describe('the policy before the start', () => {
  it('blocks, with evidence of the refusal and without running anything', () => {
    const run = startTask().done('plan', sample.planned()).done('judgePlan', sample.policy('block'))
    expect(run.effect).toBe('recordAttempt')
    expect(run.lastParams('recordAttempt')).toMatchObject({ workspace: null, outcome: null })
    settle(run)
    expect(run.state).toBe('blocked')
    expect(run.context.blocked.class).toBe('scope_policy')
    expect(run.asked.some((asked) => asked.name === 'runAgent')).toBe(false)
  })

  it('asks a person, opens the gate anew when it expires, and starts on approval', () => {
    const run = startTask().done('plan', sample.planned()).done('judgePlan', sample.policy('require_review'))
    expect(run.state).toBe('awaitingStart')
    expect(run.lastParams('start gate')).toMatchObject({
      id: 'gate-1-start-1',
      queue: 'supervisor',
      input: { subject: { kind: 'start', proposalHash: sample.HASH }, reasons: ['review.risk: risky'] },
    })
    run.send({ type: 'GATE_EXPIRED', gateId: 'gate-1-start-1' })
    expect(run.lastParams('start gate').id).toBe('gate-1-start-2')
    const decided = {
      type: 'GATE_DECIDED',
      decision: 'approved',
      by: 'ada',
      note: '',
      signed: true,
      headSha: null,
      patchId: null,
    }
    run.send({ ...decided, gateId: 'gate-1-start-1' })
    expect(run.state).toBe('awaitingStart')
    run.send({ ...decided, gateId: 'gate-1-start-2' })
    expect(run.state).toBe('preparing')
  })

  it('stays blocked when a person rejects the start', () => {
    const run = startTask().done('plan', sample.planned()).done('judgePlan', sample.policy('require_review'))
    run.send({
      type: 'GATE_DECIDED',
      gateId: 'gate-1-start-1',
      decision: 'rejected',
      by: 'ada',
      note: 'not now',
      signed: true,
      headSha: null,
      patchId: null,
    })
    settle(run)
    expect(run.state).toBe('blocked')
    expect(run.context.blocked.reason).toBe('ada rejected the start: not now')
  })

  it('never starts an attempt on a plan that could not be judged', () => {
    const run = startTask().done('plan', sample.planned({ maxAttempts: 9 }))
    for (let tries = 0; tries < 5; tries += 1)
      run.fail('judgePlan', sample.failed('infra_tooling')).after('troubleDelay')
    settle(run.fail('judgePlan', sample.failed('infra_tooling')))
    expect(run.state).toBe('blocked')
  })
})

describe('attempts', () => {
  it('are retried with the earlier failure in the next prompt until they are used up', () => {
    const run = toWorking(startTask(), { maxAttempts: 2 })
    failAgent(run, sample.failed('validation_failure', 'two tests fail'))
    expect(run.state).toBe('retryWait')
    run.after('retryDelay').done('prepareWorkspace', sample.workspace)
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
      run.after('retryDelay').done('prepareWorkspace', sample.workspace)
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

describe('effects that fail', () => {
  it('are tried again with growing delays within the same attempt', () => {
    const run = toWorking(startTask()).fail('runAgent', sample.failed('infra_tooling', 'no keeper'))
    expect(run.state).toBe('waitingOut')
    run.after('troubleDelay')
    expect(run.effect).toBe('runAgent')
    expect(run.context.attempt.id).toBe('att-1-1')
  })

  it('end Blocked publish_failed when the push never gets through', () => {
    const run = toWorking(startTask(), { maxAttempts: 9 })
      .done('runAgent', sample.ended('completed'))
      .done('measureWork', sample.measured())
      .done('judgeWork', sample.policy('allow'))
      .done('runChecks', sample.checks())
      .done('scanSecrets', { findings: [] })
    for (let tries = 0; tries < 5; tries += 1)
      run.fail('publishBranch', sample.failed('infra_tooling', 'no route')).after('troubleDelay')
    settle(run.fail('publishBranch', sample.failed('infra_tooling', 'no route')))
    expect(run.state).toBe('blocked')
    expect(run.context.blocked).toMatchObject({ class: 'publish_failed', reason: 'no route' })
  })

  it('fail the attempt at once where waiting does not help, but only with its agent proved dead', () => {
    const run = toWorking(startTask()).fail('runAgent', sample.failed('auth'))
    expect(run.effect).toBe('stopAgent')
    expect(run.done('stopAgent', { stopped: false }).effect).toBe('recordAttempt')
  })

  it('keep a workspace that cannot be saved, say where, and let the result stand', () => {
    const run = toWorking(startTask())
      .done('runAgent', sample.ended('completed'))
      .done('measureWork', sample.measured())
      .done('judgeWork', sample.policy('allow'))
      .done('runChecks', sample.checks())
      .done('scanSecrets', { findings: [] })
      .done('publishBranch', { branch: 'b', sha: sample.HEAD })
      .done('openPull', sample.pull())
      .done('readBack', { remoteSha: sample.HEAD, baseSha: sample.BASE })
      .done('recordAttempt', { dir: '/runs/1', attestationHash: sample.HASH })
    for (let tries = 0; tries < 2; tries += 1)
      run.fail('releaseWorkspace', sample.failed('infra_tooling', 'big.bin')).after('troubleDelay')
    run.fail('releaseWorkspace', sample.failed('infra_tooling', 'big.bin'))
    expect(run.state).toBe('inReview')
    expect(run.lastParams('comment').text).toBe('/w/att of att-1-1 is kept, it could not be saved: big.bin')
  })

  it('block a task whose evidence cannot be written, without another run', () => {
    const run = toWorking(startTask(), { maxAttempts: 9 }).done('runAgent', sample.ended('interrupted'))
    for (let tries = 0; tries < 5; tries += 1)
      run.fail('recordAttempt', sample.failed('infra_tooling', 'disk full')).after('troubleDelay')
    run.fail('recordAttempt', sample.failed('infra_tooling', 'disk full'))
    run.done('releaseWorkspace', { saved: [], removed: true })
    expect(run.state).toBe('blocked')
    expect(run.context.blocked.reason).toContain('disk full')
  })
})

describe('a revision', () => {
  it('continues on the branch of the pull request, from the head that was judged, and opens no other', () => {
    const run = toReview(startTask()).send(revise)
    expect(run.state).toBe('preparing')
    expect(names(run)).toContain('to Running')
    run.done('prepareWorkspace', { ...sample.workspace, startSha: sample.HEAD })
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
    run.done('prepareWorkspace', { ...sample.workspace, startSha: sample.HEAD })
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
    run.done('plan', sample.planned()).done('judgePlan', sample.policy('allow'))
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

it('stores contexts that its own schema reads', () => {
  expect(TaskContext.safeParse(toReview(startTask()).context).success).toBe(true)
})
