import { describe, expect, it } from 'vitest'
import { TaskContext } from '../../../machines/durable/task-context.ts'
import { names } from './support/durable-run.ts'
import * as sample from './support/samples.ts'
import { settle, startTask, toReview, toWorking } from './support/task-steps.ts'

describe('the way of a task', () => {
  it('goes from the plan to the review in one line', () => {
    const run = toReview(startTask())
    expect(run.state).toBe('inReview')
    expect(run.asked.filter((asked) => asked.type === 'invoke').map((asked) => asked.name)).toEqual([
      'plan',
      'judgePlan',
      'admitRun',
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
    expect(run.state).toBe('admitting')
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

it('stores contexts that its own schema reads', () => {
  expect(TaskContext.safeParse(toReview(startTask()).context).success).toBe(true)
})
