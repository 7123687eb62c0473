import { beforeAll, describe, expect, it } from 'vitest'
import type { ReviewContext } from '../../../machines/durable/review-context.ts'
import type { ReviewTerms } from '../../../src/contracts/pull.ts'
import { deadEnds, explore, type Ghost, type TestEvent, unreached } from './support/explore.ts'
import * as sample from './support/samples.ts'

/** What we know from the events alone. */
interface Truth {
  /** The head whose checks we were given last, and how many ran. */
  readonly work: { readonly sha: string; readonly checks: number }
  /** The head that the last verdict approves, on the base its checks ran on. */
  readonly approvedHead: string | null
  /** What `checkMerge` was asked last, and what it found. */
  readonly asked: { readonly headSha: string; readonly baseSha: string } | null
  readonly checked: { readonly headSha: string; readonly baseSha: string; readonly patchId: string } | null
  /** The subject of the gate that is open, and of the last approval. */
  readonly gate: { readonly headSha: string; readonly patchId: string } | null
  readonly approval: { readonly headSha: string; readonly patchId: string } | null
}

const truthOf = (mustAsk: boolean, silence: boolean): Ghost<Truth> => ({
  start: {
    work: { sha: sample.HEAD, checks: 1 },
    approvedHead: null,
    asked: null,
    checked: null,
    gate: null,
    approval: null,
  },
  project: ({ work, approvedHead, ...rest }) => [work.checks > 0, approvedHead === work.sha, rest],
  next: (before, event, asked, after) => {
    let { work, approvedHead, asked: recheck, checked, gate, approval } = before
    const output = event.output as never
    if (event.type === 'REVISED') {
      const { commit, checks } = event as unknown as ReturnType<typeof sample.published>
      work = { sha: commit.sha, checks: checks.results.length }
      approvedHead = null
    }
    if (event.type === 'xstate.done.actor.judgePull') {
      const { verdict, facts } = output as ReturnType<typeof sample.judged>
      const open = facts.pull.state === 'open'
      approvedHead = verdict.decision === 'approve' && open ? facts.headSha : null
      checked = null
    }
    if (event.type === 'xstate.done.actor.checkMerge' && recheck !== null) {
      const check = output as { result: string; report?: { passed: boolean }; patchId?: string }
      checked =
        check.result === 'clean' && check.report?.passed ? { ...recheck, patchId: check.patchId ?? '' } : null
      recheck = null
    }
    if (event.type === 'GATE_DECIDED' && event.decision === 'approved' && gate !== null) approval = gate
    if (event.type.startsWith('xstate.after.humanTimeout') && silence && gate !== null) approval = gate

    for (const { type, name, params } of asked) {
      if (name === 'checkMerge') recheck = { headSha: params.headSha, baseSha: params.baseSha }
      if (name === 'start gate') gate = subjectOf(params.input.subject)
      if (name === 'WITHDRAW') gate = null
      if (name === 'REVISE' || name === 'REVIEW_BLOCKED') checked = null
      if (type !== 'invoke' || name !== 'mergePull') continue
      const { headSha, baseSha } = params
      if (headSha !== approvedHead) throw new Error(`merges ${headSha}, approved was ${approvedHead}`)
      if (headSha !== work.sha) throw new Error(`merges ${headSha}, checked was ${work.sha}`)
      const ofBase = checked?.headSha === headSha && checked?.baseSha === baseSha ? checked : null
      if (baseSha !== sample.BASE && ofBase === null) throw new Error(`merges onto ${baseSha} unchecked`)
      const patchId = ofBase?.patchId ?? `patch-of-${headSha[0]}`
      const isApproved = approval?.headSha === headSha && approval?.patchId === patchId
      if (mustAsk && !isApproved) throw new Error('merges without an approval of this head and patch')
      if (!mustAsk && work.checks === 0 && !isApproved) throw new Error('merges by itself without any check')
    }
    // What was said of an earlier head can matter no more; telling it apart would only make the walk longer.
    const ofWork = <T extends { headSha: string }>(one: T | null) => (one?.headSha === work.sha ? one : null)
    if (after.context.gateId === null) gate = null
    return {
      work,
      approvedHead,
      asked: ofWork(recheck),
      checked: ofWork(checked),
      gate: ofWork(gate),
      approval: ofWork(approval),
    }
  },
})

const subjectOf = ({ headSha, patchId }: { headSha: string; patchId: string }) => ({ headSha, patchId })

const clean = (patchId: string, outcome: 'passed' | 'failed') => ({
  result: 'clean',
  report: sample.checks(outcome, sample.MERGE, 'merge_result'),
  patchId,
})

const outputs = (effect: string, context: ReviewContext): readonly unknown[] => {
  const head = context.commit.sha
  if (effect === 'judgePull')
    return [
      sample.judged('approve', { head }),
      sample.judged('approve', { head, base: sample.OTHER }),
      sample.judged('approve', { head: sample.MERGE }),
      sample.judged('revise', { head }),
      sample.judged('reject', { head }),
      sample.judged('reject', { head, state: 'closed' }),
      sample.judged('approve', { head, state: 'merged' }),
    ]
  if (effect === 'checkMerge')
    return [
      clean(`patch-of-${head[0]}`, 'passed'),
      clean('another-patch', 'passed'),
      clean('another-patch', 'failed'),
      { result: 'conflict', reason: 'a.ts' },
    ]
  return [
    { outcome: 'merged', sha: sample.MERGE },
    { outcome: 'head_moved', headSha: sample.OTHER },
    { outcome: 'base_moved', baseSha: sample.OTHER },
    { outcome: 'conflict', reason: 'a.ts' },
    { outcome: 'closed', reason: 'by ada' },
  ]
}

const outside = (context: ReviewContext): readonly TestEvent[] => {
  const subject = {
    headSha: context.candidate?.headSha ?? sample.HEAD,
    patchId: context.candidate?.patchId ?? 'x',
  }
  const decided = {
    type: 'GATE_DECIDED',
    gateId: context.gateId ?? 'gate-1-1-1',
    decision: 'approved',
    by: 'ada',
    note: '',
    signed: true,
    ...subject,
  }
  return [
    { type: 'CANCEL' },
    { type: 'RESUME' },
    { type: 'REVISED', ...sample.published(sample.OTHER), attemptId: 'att-1-2' },
    { type: 'REVISED', ...sample.published(sample.OTHER), checks: sample.checks('none', sample.OTHER) },
    decided,
    { ...decided, headSha: sample.MERGE },
    { ...decided, decision: 'rejected' },
    { ...decided, gateId: 'gate-1-1-999' },
    { type: 'GATE_EXPIRED', gateId: decided.gateId },
  ]
}

const project = (context: ReviewContext, value: string) => {
  const { candidate, approval, gateId, revisions, cancelling, trouble, checks } = context
  return [
    context.commit.sha,
    checks.results.length,
    // What would be merged matters only between the verdict and the merge.
    !['judging', 'revising', 'stopped'].includes(value) &&
      candidate !== null && [
        candidate.headSha,
        candidate.baseSha,
        candidate.patchId,
        candidate.report !== null,
      ],
    approval?.headSha === context.commit.sha && approval.patchId,
    gateId !== null,
    Math.min(revisions, 1),
    cancelling,
    value === 'waitingOut' ? (trouble?.at ?? null) : null,
  ]
}

const TERMS: [string, Partial<ReviewTerms>, { mustAsk: boolean; silence: boolean; never: string[] }][] = [
  ['merge: auto', {}, { mustAsk: false, silence: false, never: [] }],
  ['merge: manual', { merge: 'manual' }, { mustAsk: true, silence: false, never: [] }],
  [
    'merge: manual, silence merges',
    { merge: 'manual', onHumanTimeout: 'merge' },
    { mustAsk: true, silence: true, never: [] },
  ],
  [
    'an explicit approval, though silence merges',
    { requireExplicitApproval: true, onHumanTimeout: 'merge' },
    { mustAsk: true, silence: false, never: [] },
  ],
  [
    'merge: manual, silence requeues',
    { merge: 'manual', onHumanTimeout: 'requeue' },
    { mustAsk: true, silence: false, never: [] },
  ],
]

describe.each(TERMS)('a review under %s', (_, terms, { mustAsk, silence, never }) => {
  let walk: ReturnType<typeof explore<Truth>>

  beforeAll(() => {
    walk = explore('review', sample.reviewInput(terms), {
      outputs: outputs as never,
      failures: [sample.failed('infra_tooling'), sample.failed('auth')],
      outside: outside as never,
      project: project as never,
      ghost: truthOf(mustAsk, silence),
    })
  }, 60_000)

  it('reaches every state of the chart, and merges only what it may', () => {
    expect(unreached('review', walk.visits.values(), ['review', 'weighing', 'asking', ...never])).toEqual([])
  })

  it('can be ended from everywhere', () => {
    expect(deadEnds(walk, ['CANCEL'])).toEqual([])
  })

  it('lets every effect end both ways, and does nothing more once it is final', () => {
    const results = walk.edges.filter(({ event }) => /^xstate\.(done|error)\./.test(event.type))
    expect(results.filter(({ from, to }) => from.snapshot.value === to.snapshot.value)).toEqual([])
    const after = walk.edges.filter(({ from }) => from.status === 'done')
    expect(after.length).toBeGreaterThan(0)
    expect(
      after.filter(({ from, to }) => from.snapshot.value !== to.snapshot.value || to.asked.length > 0),
    ).toEqual([])
  })
})
