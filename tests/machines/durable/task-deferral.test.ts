import { describe, expect, it } from 'vitest'
import { deferralMs } from '../../../machines/durable/deferral.ts'
import * as sample from './support/samples.ts'
import { ADMITTED, begin, failAgent, settle, startTask, toWorking } from './support/task-steps.ts'

const HOUR_MS = 3_600_000
const CLAIMED = { type: 'CLAIMED', runId: 'run-2' }
const quota = sample.failed('quota_exhausted')
const begun = (run: { asked: { name: string }[] }): number =>
  run.asked.filter(({ name }) => name === 'runAgent').length

describe('how long an attempt is put off', () => {
  const now = 1_000_000
  it.each([
    ['until the instant that was named', 'quota_exhausted', now + 90_000, 1, 90_000],
    ['at least 5 s, for an instant that is over', 'rate_limited', now - 1, 1, 5_000],
    ['at most 7 days', 'quota_exhausted', now + 1e12, 1, 7 * 24 * HOUR_MS],
    ['an hour for a quota nobody dates', 'quota_exhausted', null, 3, HOUR_MS],
    ['a minute for a rate limit', 'rate_limited', null, 1, 60_000],
    ['doubled each time', 'rate_limited', null, 4, 480_000],
    ['up to an hour', 'rate_limited', null, 30, HOUR_MS],
  ] as const)('%s', (_what, cause, retryAtMs, deferred, expected) =>
    expect(deferralMs(cause, retryAtMs, deferred, now)).toBe(expected),
  )
})

describe('a task whose agent is out of quota', () => {
  it('waits for the reset and spends no attempt, however often', () => {
    const run = toWorking(startTask(), { maxAttempts: 1 })
    for (const round of [1, 2, 3]) {
      const retryAtMs = sample.stamp.nowMs + round * HOUR_MS
      settle(run.done('runAgent', sample.ended('failed', quota, { retryAtMs })))
      expect([run.state, run.context.deferralMs, run.context.failed]).toEqual([
        'deferred',
        round * HOUR_MS,
        0,
      ])
      begin(run.after('deferral').send(CLAIMED))
    }
    expect(run.state).toBe('working')
    expect(run.context.priorFailures).toEqual([])
  })

  it('gives its place in the lane back, and goes on where it was once a lane has one again', () => {
    const run = settle(toWorking(startTask()).done('runAgent', sample.ended('failed', quota)))
    expect(run.lastParams('to Backlog')).toMatchObject({
      from: ['Running'],
      reason: `put off: ${quota.reason}`,
    })
    run.after('deferral')
    expect([run.state, run.lastParams('to Ready').from]).toEqual(['queued', ['Backlog']])
    run.send(CLAIMED)
    expect([run.state, run.context.runId, run.context.deferred]).toEqual(['admitting', 'run-1', 1])
  })

  it.each(['deferred', 'queued'])('is asked again at once when a person says so: %s', (state) => {
    const run = settle(toWorking(startTask()).done('runAgent', sample.ended('deferred', quota)))
    if (state === 'queued') run.after('deferral')
    run.send({ type: 'RETRY', by: 'ada' })
    expect([run.state, run.lastParams('admitRun').insisted]).toEqual(['admitting', true])
    expect(run.lastParams('to Running').from).toContain(state === 'queued' ? 'Ready' : 'Backlog')
    expect(begin(run).lastParams('runAgent').insisted).toBe(true)
    settle(run.done('runAgent', sample.ended('failed', quota)))
    expect(run.context.insisted).toBe(false)
  })

  it('asks a person where the quota never comes back', () => {
    const run = toWorking(startTask())
    for (let round = 0; round <= 200; round++) {
      settle(run.done('runAgent', sample.ended('deferred', quota)))
      if (run.state === 'deferred') begin(run.after('deferral').send(CLAIMED))
    }
    expect([run.state, run.context.blocked?.class]).toEqual(['blocked', 'quota_exhausted'])
  })

  it('has failed where it used up the money of its own attempt', () => {
    const run = toWorking(startTask())
    settle(run.done('runAgent', sample.ended('failed', quota, { stopReason: 'budget' })))
    expect([run.state, run.context.failed]).toEqual(['blocked', 1])
  })
})

describe('what the ledger would refuse', () => {
  const until = (hours: number) => sample.stamp.nowMs + hours * HOUR_MS
  const putOff = (hours: number) => ({ putOff: { failure: quota, retryAtMs: until(hours) } })
  const planned = (over: Parameters<typeof sample.planned>[0] = {}) =>
    startTask().done('plan', sample.planned(over)).done('judgePlan', sample.policy('allow'))

  it('makes nothing ready, begins no attempt and leaves no evidence', () => {
    const run = planned().done('admitRun', putOff(2))
    expect([run.state, run.context.attemptNo, run.context.deferralMs]).toEqual(['deferred', 0, 2 * HOUR_MS])
    const names = run.asked.map(({ name }) => name)
    expect(names.filter((name) => ['prepareWorkspace', 'recordAttempt'].includes(name))).toEqual([])
  })

  it('asks every fallback first, and waits for what is over soonest', () => {
    const run = planned({ fallbacks: ['codex'] }).done('admitRun', putOff(3))
    expect(run.lastParams('admitRun').decision.agent).toBe('codex')
    expect(run.done('admitRun', putOff(8)).context.deferralMs).toBe(3 * HOUR_MS)
    run.after('deferral').send(CLAIMED)
    expect(run.lastParams('admitRun').decision.agent).toBe('claude')
  })

  it('is told by the ledger itself where no time would change it', () => {
    const run = begin(planned())
    settle(run.done('runAgent', sample.ended('failed', quota, { stopReason: 'budget' })))
    expect(run.state).toBe('blocked')
  })
})

describe('fallback agents', () => {
  it('take over at once, told what was done, and the first comes back after the wait', () => {
    const run = toWorking(startTask(), { fallbacks: ['codex'] })
    settle(run.done('runAgent', sample.ended('failed', quota, { summary: 'half of it is done' })))
    begin(run)
    expect(run.lastParams('runAgent')).toMatchObject({
      decision: { agent: 'codex', agentType: 'codex', rule: 'lane.fallback' },
      handoff: 'half of it is done',
      attempt: 2,
    })
    settle(run.done('runAgent', sample.ended('failed', quota)))
    expect(run.state).toBe('deferred')
    begin(run.after('deferral').send(CLAIMED))
    expect(run.lastParams('runAgent').decision.agent).toBe('claude')
    expect(begun(run)).toBe(3)
  })

  it.each(['auth', 'model_error', 'dependency_missing'] as const)(
    'stand in after %s, which counts',
    (cause) => {
      const run = failAgent(toWorking(startTask(), { fallbacks: ['codex'] }), sample.failed(cause))
      expect([run.state, run.context.failed, run.context.agentNo]).toEqual(['admitting', 1, 1])
    },
  )

  it('do not take turns for ever where all of them wait for ever', () => {
    const run = toWorking(startTask(), { fallbacks: ['codex'] })
    for (let round = 0; round < 500 && run.state !== 'blocked'; round++) {
      settle(run.done('runAgent', sample.ended('deferred', quota)))
      if (run.state === 'deferred') run.after('deferral').send(CLAIMED)
      if (run.state === 'admitting') begin(run)
    }
    expect([run.state, run.context.blocked?.class]).toEqual(['blocked', 'quota_exhausted'])
  })

  it('do not where the work itself failed', () => {
    const run = failAgent(toWorking(startTask(), { fallbacks: ['codex'] }))
    expect([run.state, run.context.agentNo]).toEqual(['retryWait', 0])
  })
})

describe('a session that was broken off', () => {
  it('is gone on with by the same agent, in its HOME and on its files', () => {
    const run = toWorking(startTask())
    settle(run.done('runAgent', sample.ended('interrupted', null, { sessionId: 's-1' })))
    run.after('retryDelay')
    run.done('admitRun', ADMITTED)
    expect(run.lastParams('prepareWorkspace').restore).toEqual({
      attemptId: 'att-1-1',
      startSha: sample.BASE,
    })
    run.done('prepareWorkspace', sample.workspace)
    const session = {
      agent: 'claude',
      sessionId: 's-1',
      homeOf: 'att-1-1',
      attemptId: 'att-1-1',
      startSha: sample.BASE,
      used: null,
    }
    expect(run.lastParams('runAgent').session).toEqual(session)
    settle(run.done('runAgent', sample.ended('interrupted', null, { sessionId: 's-1' })))
    expect(run.context.session).toEqual({ ...session, attemptId: 'att-1-2' })
  })

  it('stays in the HOME it was begun in, also where the agent goes on under a new id', () => {
    const run = toWorking(startTask())
    settle(run.done('runAgent', sample.ended('interrupted', null, { sessionId: 's-1' })))
    begin(run.after('retryDelay'))
    settle(run.done('runAgent', sample.ended('interrupted', null, { sessionId: 's-2' })))
    expect(run.context.session).toMatchObject({ sessionId: 's-2', homeOf: 'att-1-1', attemptId: 'att-1-2' })
  })

  it('is not handed to another agent', () => {
    const run = toWorking(startTask(), { fallbacks: ['codex'] })
    settle(run.done('runAgent', sample.ended('failed', quota, { sessionId: 's-1' })))
    run.done('admitRun', ADMITTED)
    expect(run.lastParams('prepareWorkspace').restore).toBeNull()
    expect(run.done('prepareWorkspace', sample.workspace).lastParams('runAgent').session).toBeNull()
  })

  it('goes on with the answer to its question', () => {
    const question = { id: 'question-att-1-1', text: 'Which port?' }
    const asked = sample.ended('failed', sample.failed('awaiting_input'), { question, sessionId: 's-1' })
    const run = settle(toWorking(startTask()).done('runAgent', asked))
    expect([run.state, run.context.blocked?.class]).toEqual(['blocked', 'awaiting_input'])
    run.send({ type: 'ANSWER', by: 'ada', text: '8080' })
    toWorking(run)
    expect(run.lastParams('runAgent')).toMatchObject({
      answer: { by: 'ada', text: '8080' },
      session: { sessionId: 's-1' },
    })
    failAgent(run)
    expect([run.context.answer, run.context.session]).toEqual([null, null])
  })
})

it('a secret in the work ends the attempt for good and is named by its place alone', () => {
  const finding = { path: 'src/a.ts', line: 3, rule: 'aws', message: 'an access key' }
  const run = toWorking(startTask())
    .done('runAgent', sample.ended('completed'))
    .done('measureWork', sample.measured(sample.HEAD))
    .done('judgeWork', sample.policy('allow'))
    .done('runChecks', sample.checks('passed', sample.HEAD))
    .done('scanSecrets', { findings: [finding] })
  settle(run)
  expect(run.state).toBe('blocked')
  expect(run.context.blocked).toMatchObject({ class: 'secret_detected' })
  expect(run.context.blocked?.reason).toContain('src/a.ts:3 (aws)')
  expect(run.asked.some(({ name }) => name === 'publishBranch')).toBe(false)
})
