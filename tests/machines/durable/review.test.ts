import { describe, expect, it } from 'vitest'
import type { ReviewTerms } from '../../../src/contracts/pull.ts'
import { DurableRun, names } from './support/durable-run.ts'
import * as sample from './support/samples.ts'

const start = (terms: Partial<ReviewTerms> = {}, also: Record<string, unknown> = {}) =>
  new DurableRun('review', sample.reviewInput(terms, also))

const mergeCheck = (patchId: string, outcome: 'passed' | 'failed' = 'passed') => ({
  result: 'clean' as const,
  report: sample.checks(outcome, sample.MERGE, 'merge_result'),
  patchId,
})

const decided = (over: Record<string, unknown> = {}) => ({
  type: 'GATE_DECIDED',
  gateId: 'gate-1-1-1',
  decision: 'approved',
  by: 'ada',
  note: '',
  signed: true,
  headSha: sample.HEAD,
  patchId: 'patch-of-b',
  ...over,
})

describe('merging by itself', () => {
  it('takes an approving verdict, passing checks and nobody who must be asked', () => {
    const run = start().done('judgePull', sample.judged('approve'))
    expect(run.lastParams('mergePull')).toMatchObject({
      headSha: sample.HEAD,
      baseSha: sample.BASE,
      method: 'squash',
    })
    run.done('mergePull', { outcome: 'merged', sha: sample.MERGE })
    expect(run.state).toBe('merged')
    expect(run.lastParams('MERGED')).toEqual({
      to: 'task-1',
      queue: 'goal',
      event: { type: 'MERGED', sha: sample.MERGE },
    })
  })

  it('checks the merge result first where the base has moved since the work was checked', () => {
    const run = start().done('judgePull', sample.judged('approve', { base: sample.OTHER }))
    expect(run.lastParams('checkMerge')).toMatchObject({ headSha: sample.HEAD, baseSha: sample.OTHER })
    run.done('checkMerge', mergeCheck('patch-of-b'))
    expect(run.lastParams('mergePull').baseSha).toBe(sample.OTHER)
  })

  it('checks again where the base moves under the merge', () => {
    const run = start().done('judgePull', sample.judged('approve'))
    run.done('mergePull', { outcome: 'base_moved', baseSha: sample.OTHER })
    expect(run.lastParams('checkMerge').baseSha).toBe(sample.OTHER)
    run.done('checkMerge', mergeCheck('another-patch'))
    expect(run.lastParams('mergePull').baseSha).toBe(sample.OTHER)
  })

  it('judges again where the head moves under the merge', () => {
    const run = start().done('judgePull', sample.judged('approve'))
    run.done('mergePull', { outcome: 'head_moved', headSha: sample.OTHER })
    expect(run.effect).toBe('judgePull')
  })

  it('stops where head and base never hold still', () => {
    const run = start().done('judgePull', sample.judged('approve'))
    for (let moves = 0; moves < 20; moves += 1)
      run
        .done('mergePull', { outcome: 'base_moved', baseSha: sample.OTHER })
        .done('checkMerge', mergeCheck('patch-of-b'))
    run.done('mergePull', { outcome: 'base_moved', baseSha: sample.OTHER })
    expect(run.state).toBe('stopped')
    expect(run.lastParams('REVIEW_BLOCKED').event).toMatchObject({ resume: true, closed: false })
  })

  it.each([
    [
      'a verdict on another head than the forge shows',
      () => ({ ...sample.judged('approve'), facts: sample.judged('approve', { head: sample.OTHER }).facts }),
    ],
    ['a head that is not the work that was checked', () => sample.judged('approve', { head: sample.OTHER })],
  ])('does not follow %s', (_, judgement) => {
    expect(start().done('judgePull', judgement()).state).toBe('stopped')
  })

  it('does not follow an approval whose checks failed', () => {
    const run = start({}, { checks: sample.checks('failed') }).done('judgePull', sample.judged('approve'))
    expect(run.state).toBe('stopped')
  })

  it('tells of a merge that somebody else made', () => {
    const run = start({ merge: 'manual' }).done('judgePull', sample.judged('approve', { state: 'merged' }))
    expect(run.state).toBe('merged')
    expect(run.lastParams('MERGED').event.sha).toBe(sample.MERGE)
  })
})

describe('a person is asked', () => {
  it.each<[string, Partial<ReviewTerms>, Record<string, unknown>]>([
    ['merge: manual', { merge: 'manual' }, {}],
    ['an explicit approval', { requireExplicitApproval: true }, {}],
    ['a policy that wants review', {}, { policyReview: ['review.risk: risky'] }],
    ['no check at all', {}, { checks: sample.checks('none') }],
  ])('for %s', (_, terms, also) => {
    const run = start(terms, also).done('judgePull', sample.judged('approve'))
    expect(run.state).toBe('awaitingGate')
    expect(names(run)).toEqual(['start gate', 'comment', 'to Review'])
    expect(run.lastParams('start gate')).toMatchObject({
      id: 'gate-1-1-1',
      queue: 'supervisor',
      input: { subject: { kind: 'merge', headSha: sample.HEAD, patchId: 'patch-of-b' } },
    })
  })

  const asked = (terms: Partial<ReviewTerms> = {}) =>
    start({ merge: 'manual', ...terms }).done('judgePull', sample.judged('approve'))

  it('and an approval of this head and patch merges it', () => {
    const run = asked().send(decided())
    expect(run.effect).toBe('mergePull')
    expect(run.asked.some((one) => one.params?.phase === 'automated')).toBe(true)
  })

  it('and an approval keeps its worth on another base with the same patch, not with another', () => {
    const moved = () =>
      asked().send(decided()).done('mergePull', { outcome: 'base_moved', baseSha: sample.OTHER })
    expect(moved().done('checkMerge', mergeCheck('patch-of-b')).effect).toBe('mergePull')
    const voided = moved().done('checkMerge', mergeCheck('another-patch'))
    expect(voided.state).toBe('awaitingGate')
    expect(voided.lastParams('start gate')).toMatchObject({
      id: 'gate-1-1-2',
      input: { subject: { patchId: 'another-patch' } },
    })
  })

  it.each([
    ['another gate', { gateId: 'gate-1-1-9' }],
    ['another head', { headSha: sample.OTHER }],
    ['another patch', { patchId: 'x' }],
  ])('and an answer about %s changes nothing', (_, over) => {
    expect(asked().send(decided(over)).state).toBe('awaitingGate')
  })

  it('and a rejection goes to the task', () => {
    const run = asked().send(decided({ decision: 'rejected', note: 'too slow' }))
    expect(run.state).toBe('stopped')
    expect(run.lastParams('GATE_REJECTED').event).toEqual({
      type: 'GATE_REJECTED',
      by: 'ada',
      note: 'too slow',
    })
  })

  it('and an expired gate is opened anew', () => {
    const run = asked().send({ type: 'GATE_EXPIRED', gateId: 'gate-1-1-1' })
    expect(run.lastParams('start gate').id).toBe('gate-1-1-2')
  })

  it('and reminded, once a time-out, each reminder its own comment', () => {
    const run = asked()
    run.after('humanTimeout')
    expect(run.lastParams('comment').mark).toBe('review-1-1:reminder:1')
    run.after('humanTimeout')
    expect(run.lastParams('comment').mark).toBe('review-1-1:reminder:2')
    expect(run.asked.filter((one) => one.name === 'start gate')).toHaveLength(1)
  })

  it('and silence merges only where the repository says so', () => {
    const run = asked({ onHumanTimeout: 'merge' }).after('humanTimeout')
    expect(run.effect).toBe('mergePull')
    expect(run.lastParams('WITHDRAW').to).toBe('gate-1-1-1')
    expect(run.context.approval.by).toBeNull()
  })

  it.each<[string, Partial<ReviewTerms>, Record<string, unknown>]>([
    ['an explicit approval', { requireExplicitApproval: true }, {}],
    ['a policy that wants review', {}, { policyReview: ['review.risk: risky'] }],
    ['a change without checks', {}, { checks: sample.checks('none') }],
  ])('and silence never stands for %s', (_, terms, also) => {
    const run = start({ merge: 'manual', onHumanTimeout: 'merge', ...terms }, also)
    run.done('judgePull', sample.judged('approve')).after('humanTimeout')
    expect(run.state).toBe('awaitingGate')
    expect(names(run)).toContain('comment')
  })

  it('and silence puts the task back where the repository says so', () => {
    const run = asked({ onHumanTimeout: 'requeue' }).after('humanTimeout')
    expect(run.state).toBe('closed')
    expect(names(run)).toEqual(['WITHDRAW', 'REQUEUED'])
  })
})

describe('a revision', () => {
  it('is asked for by a verdict, and its result is judged afresh', () => {
    const run = start().done('judgePull', sample.judged('revise'))
    expect(run.state).toBe('revising')
    expect(run.lastParams('REVISE').event).toMatchObject({
      class: 'validation_failure',
      reasons: ['revise it'],
      headSha: sample.HEAD,
      branch: 'oc-supervise/att-1-1',
    })
    run.send({ type: 'REVISED', ...sample.published(sample.OTHER), attemptId: 'att-1-2' })
    expect(run.lastParams('judgePull')).toMatchObject({ attemptId: 'att-1-2', commit: { sha: sample.OTHER } })
  })

  it('is asked for by a conflict, as such', () => {
    const run = start().done('judgePull', sample.judged('approve'))
    run.done('mergePull', { outcome: 'conflict', reason: 'a.ts' })
    expect(run.lastParams('REVISE').event).toMatchObject({ class: 'merge_conflict', reasons: ['a.ts'] })
  })

  it.each([
    ['conflicts', { result: 'conflict' as const, reason: 'a.ts' }, 'merge_conflict'],
    ['fails its checks', mergeCheck('patch-of-b', 'failed'), 'validation_failure'],
  ])('is asked for where the merge result %s', (_, check, cls) => {
    const run = start()
      .done('judgePull', sample.judged('approve', { base: sample.OTHER }))
      .done('checkMerge', check)
    expect(run.lastParams('REVISE').event.class).toBe(cls)
  })

  it('voids an approval', () => {
    const run = start({ merge: 'manual' }).done('judgePull', sample.judged('approve')).send(decided())
    run.done('mergePull', { outcome: 'conflict', reason: 'a.ts' })
    run.send({ type: 'REVISED', ...sample.published(sample.OTHER), attemptId: 'att-1-2' })
    run.done('judgePull', sample.judged('approve', { head: sample.OTHER }))
    expect(run.state).toBe('awaitingGate')
  })

  it('is not asked for more often than allowed', () => {
    const run = start({ maxRevisions: 1 }).done('judgePull', sample.judged('revise'))
    run.send({ type: 'REVISED', ...sample.published() }).done('judgePull', sample.judged('revise'))
    expect(run.state).toBe('stopped')
    run.send({ type: 'REVISED', ...sample.published() }).done('judgePull', sample.judged('revise'))
    expect(run.state).toBe('revising')
  })
})

describe('the end without a merge', () => {
  it('a rejection blocks the task and names the head to go on from', () => {
    const run = start().done('judgePull', sample.judged('reject', { head: sample.OTHER }))
    expect(run.lastParams('REVIEW_BLOCKED').event).toMatchObject({
      headSha: sample.OTHER,
      closed: false,
      resume: false,
    })
  })

  it.each([
    ['judged', () => start().done('judgePull', sample.judged('reject', { state: 'closed' }))],
    [
      'merged',
      () =>
        start()
          .done('judgePull', sample.judged('approve'))
          .done('mergePull', { outcome: 'closed', reason: 'closed by ada' }),
    ],
  ])('a pull request found closed when it is %s ends the review', (_, run) => {
    const ended = run()
    expect(ended.state).toBe('closed')
    expect(ended.lastParams('REVIEW_BLOCKED').event.closed).toBe(true)
  })

  it('an effect that stays broken stops the review, and a person resumes it', () => {
    const run = start()
    for (let tries = 0; tries < 5; tries += 1)
      run.fail('judgePull', sample.failed('infra_tooling')).after('troubleDelay')
    run.fail('judgePull', sample.failed('infra_tooling', 'forge is down'))
    expect(run.state).toBe('stopped')
    expect(run.lastParams('REVIEW_BLOCKED').event).toMatchObject({ resume: true })
    expect(run.send({ type: 'RESUME' }).effect).toBe('judgePull')
  })

  it('a cancelled merge is asked what came of it, and the truth is told', () => {
    const merging = () => start().done('judgePull', sample.judged('approve')).send({ type: 'CANCEL' })
    expect(merging().effect).toBe('mergePull')
    expect(merging().done('mergePull', { outcome: 'merged', sha: sample.MERGE }).state).toBe('merged')
    const moved = merging().done('mergePull', { outcome: 'base_moved', baseSha: sample.OTHER })
    expect(moved.state).toBe('closed')
    expect(names(moved)).toEqual(['REVIEW_CLOSED'])
    const unknown = merging().fail('mergePull', sample.failed('infra_tooling', 'timed out'))
    expect(unknown.effect).toBe('judgePull')
    expect(unknown.done('judgePull', sample.judged('approve', { state: 'merged' })).state).toBe('merged')
  })

  it('a cancelled question is taken back', () => {
    const run = start({ merge: 'manual' })
      .done('judgePull', sample.judged('approve'))
      .send({ type: 'CANCEL' })
    expect(names(run)).toContain('WITHDRAW')
    expect(run.done('judgePull', sample.judged('approve')).state).toBe('closed')
  })
})
