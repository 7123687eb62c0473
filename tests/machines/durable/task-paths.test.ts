import { beforeAll, describe, expect, it } from 'vitest'
import { DEFERRING, FAILURE_RULES, FALLS_BACK } from '../../../machines/durable/failure-rules.ts'
import type { TaskContext } from '../../../machines/durable/task-context.ts'
import type { FailureClass } from '../../../src/contracts/failure.ts'
import { deadEnds, explore, type Ghost, type TestEvent, unreached, type Visit } from './support/explore.ts'
import * as sample from './support/samples.ts'
import { reviewBlocked, revise } from './support/task-steps.ts'

/** What we know from the events alone. */
interface Truth {
  /** Attempts whose agent may be alive. */
  readonly live: readonly string[]
  /** Policy and people let an attempt begin on the present plan. */
  readonly cleared: boolean
  readonly merged: boolean
  /** A review that may merge at any moment. */
  readonly reviewed: boolean
  /** The last checks passed on a change-free workspace. */
  readonly proved: boolean
}

const truth: Ghost<Truth> = {
  start: { live: [], cleared: false, merged: false, reviewed: false, proved: false },
  project: ({ live, ...rest }) => [live.length, rest],
  next: (before, event, asked, after) => {
    const result = (effect: string) => event.type === `xstate.done.actor.${effect}`
    const output = event.output as never
    let { live, cleared, merged, reviewed, proved } = before
    if (result('runAgent') || result('stopAgent')) live = []
    if (result('judgePlan')) cleared = (output as { status: string }).status === 'allow'
    if (event.type === 'GATE_DECIDED' && event.decision === 'approved')
      cleared ||= reached(after, 'admitting')
    if (event.type === 'MERGED') merged ||= reviewed
    if (after.context.reviewId === null) reviewed = false
    if (result('runChecks')) proved = (output as { passed: boolean }).passed
    if (result('prepareWorkspace')) proved = false

    for (const { type, name, params } of asked) {
      if (name === 'plan') cleared = false
      if (name === 'prepareWorkspace') {
        if (!cleared) throw new Error('an attempt begins on a plan that nobody let pass')
        if (live.length > 0) throw new Error(`an attempt begins while ${live} may be alive`)
      }
      if (type === 'invoke' && name === 'runAgent') {
        if (live.some((id) => id !== params.attemptId))
          throw new Error(`two agents: ${live}, ${params.attemptId}`)
        live = [params.attemptId]
      }
      if (name === 'publishBranch' && !proved) throw new Error('it publishes what no check passed')
      if (name === 'start review') reviewed = true
      const isAsked = after.context.ending?.kind === 'asked'
      if (name === 'to Done' && !merged && !proved && !isAsked)
        throw new Error('Done without a merge or a proof')
      if (['to Blocked', 'to Ready', 'to Backlog'].includes(name) && live.length > 0)
        throw new Error(`${name} while an agent may be alive`)
    }
    if (reached(after, 'done') && !merged && !(proved && after.context.spec.kind === 'test'))
      throw new Error('done, but the remote does not say so')
    const idle = [
      'done',
      'cancelled',
      'setAside',
      'blocked',
      'inReview',
      'verifying',
      'retryWait',
      'deferred',
      'queued',
    ]
    if (live.length > 0 && idle.some((state) => reached(after, state)))
      throw new Error(`${after.value} while ${live} may be alive`)
    return { live, cleared, merged, reviewed, proved }
  },
}

const reached = (snapshot: Visit<Truth>['snapshot'], state: string) => snapshot.value === state

const head = ({ revision }: TaskContext) => (revision?.headSha === sample.HEAD ? sample.OTHER : sample.HEAD)

const outputs = (effect: string, context: TaskContext): readonly unknown[] => {
  switch (effect) {
    case 'plan':
      return [sample.planned({ maxAttempts: 2, fallbacks: ['codex'] })]
    case 'judgePlan':
    case 'judgeWork':
      return [sample.policy('allow'), sample.policy('require_review'), sample.policy('block')]
    case 'admitRun':
      return [{ putOff: null }, { putOff: { failure: sample.failed('quota_exhausted'), retryAtMs: 1 } }]
    case 'prepareWorkspace':
      return [{ ...sample.workspace, startSha: context.revision?.headSha ?? sample.BASE }]
    case 'runAgent':
      return [
        sample.ended('completed'),
        sample.ended('failed', sample.failed('validation_failure')),
        sample.ended('failed', sample.failed('awaiting_input')),
        sample.ended('failed', sample.failed('quota_exhausted')),
        sample.ended('failed', sample.failed('auth')),
        sample.ended('deferred', sample.failed('quota_exhausted')),
        sample.ended('interrupted'),
        sample.ended('cancelled'),
      ]
    case 'measureWork':
      return [
        sample.measured(head(context)),
        sample.nothingMeasured,
        { changed: { status: 'UNKNOWN', reason: 'odd names' }, commit: null, diffStat: '' },
      ]
    case 'runChecks': {
      const of =
        context.attempt?.measurement?.commit?.sha ?? context.attempt?.workspace?.startSha ?? sample.BASE
      return [sample.checks('passed', of), sample.checks('failed', of)]
    }
    case 'scanSecrets':
      return [{ findings: [] }, { findings: [{ path: 'a', line: 1, rule: 'key', message: 'a key' }] }]
    case 'publishBranch':
      return [{ branch: 'b', sha: context.attempt?.measurement?.commit?.sha }]
    case 'openPull':
      return [sample.pull('open', context.attempt?.measurement?.commit?.sha)]
    case 'readBack':
      return [
        { remoteSha: context.attempt?.measurement?.commit?.sha, baseSha: sample.BASE },
        { remoteSha: sample.MERGE, baseSha: sample.BASE },
      ]
    case 'stopAgent':
      return [{ stopped: true }]
    case 'recordAttempt':
      return [{ dir: '/runs/1', attestationHash: sample.HASH }]
    case 'releaseWorkspace':
      return [{ saved: [], removed: true }]
    default:
      throw new Error(`no output for ${effect}`)
  }
}

const outside = (context: TaskContext): readonly TestEvent[] => {
  const decided = {
    type: 'GATE_DECIDED',
    gateId: context.startGate ?? 'gate-1-start-1',
    by: 'ada',
    note: '',
    signed: true,
    headSha: null,
    patchId: null,
  }
  return [
    { type: 'CANCEL', by: 'ada' },
    { type: 'RETRY', by: 'ada' },
    { type: 'MOVED', to: 'Ready' },
    { type: 'MOVED', to: 'Done' },
    { type: 'MOVE', to: 'Ready', by: 'ada', reason: '' },
    { type: 'MOVE', to: 'Done', by: 'ada', reason: 'did it myself' },
    { type: 'ANSWER', by: 'ada', text: '8080' },
    { type: 'CLAIMED', runId: 'run-2' },
    { type: 'MERGED', sha: sample.MERGE },
    { ...revise, headSha: context.published?.commit.sha ?? sample.HEAD },
    reviewBlocked(),
    reviewBlocked({ resume: true }),
    reviewBlocked({ closed: true }),
    { type: 'GATE_REJECTED', by: 'ada', note: 'no' },
    { type: 'REQUEUED', reason: 'silence' },
    { type: 'REVIEW_CLOSED' },
    { type: 'CHILD_DONE', taskId: context.verification ?? 'task-9' },
    { type: 'CHILD_DONE', taskId: context.fix ?? 'task-8' },
    { type: 'CHILD_FAILED', taskId: context.verification ?? 'task-9', reason: 'red' },
    { ...decided, decision: 'approved' },
    { ...decided, decision: 'rejected' },
    { type: 'GATE_EXPIRED', gateId: decided.gateId },
  ]
}

/** What tells two states of a task apart for its way on. */
const project = (context: TaskContext, value: string) => {
  const { attempt, ending, trouble, blocked } = context
  const failure = attempt?.failure ?? null
  return [
    // How an attempt went no longer matters once the end is asked for.
    attempt &&
      ending === null && [
        attempt.workspace !== null,
        attempt.outcome?.ending === 'completed',
        failure && [
          FAILURE_RULES[failure.class].retry,
          failure.class === 'awaiting_input',
          DEFERRING.has(failure.class),
          FALLS_BACK.has(failure.class),
        ],
        attempt.outcome?.ending === 'deferred',
        attempt.measurement && attempt.measurement.commit !== null,
        attempt.unrecorded,
      ],
    Math.min(context.failed, 2),
    context.agentNo,
    context.cleared,
    context.published !== null,
    context.revision !== null,
    Math.min(context.revisions, 1),
    context.reviewId !== null,
    context.reviewResumes,
    context.mergedSha !== null,
    Math.min(context.fixNo, 1),
    ending?.kind ?? null,
    context.claim !== null,
    // Trouble elsewhere than here is over; that tries are used up, task.test.ts shows.
    value === 'waitingOut' ? (trouble?.at ?? null) : null,
    blocked?.class === 'awaiting_input',
  ]
}

const PASSING = [
  'task',
  'askingStart',
  'takingUp',
  'deciding',
  'leaving',
  'submitting',
  'blocking',
  'finishing',
]

const KINDS: [string, Record<string, unknown>, readonly string[]][] = [
  ['a goal', {}, ['verifying']],
  ['a goal that wants verification', { verify: true }, []],
  ['a test', { kind: 'test', parent: { id: 'task-0', handoff: 'verification_needed' } }, ['verifying']],
]

describe.each(KINDS)('%s', (_, over, never) => {
  let walk: ReturnType<typeof explore<Truth>>

  beforeAll(() => {
    const failures = ['infra_tooling', 'auth', 'model_error'].map((cls) => sample.failed(cls as FailureClass))
    walk = explore('task', sample.taskInput(over), {
      outputs: outputs as never,
      failures,
      outside: outside as never,
      project: project as never,
      ghost: truth,
    })
  }, 240_000)

  it('reaches every state of the chart, and breaks no promise on the way', () => {
    expect(unreached('task', walk.visits.values(), [...PASSING, ...never])).toEqual([])
  })

  it('can be ended from everywhere', () => {
    expect(deadEnds(walk, ['CANCEL', 'MOVED', 'MOVE', 'REVIEW_CLOSED'])).toEqual([])
  })

  it.each([
    ['CANCEL', 'cancelled'],
    ['MOVE', 'asked'],
  ])('hears %s in every state that is not final', (type, kind) => {
    const deaf = walk.edges.filter(
      ({ from, event, to }) =>
        event.type === type && from.status === 'active' && walk.key(from) === walk.key(to),
    )
    // Asking twice changes nothing more.
    expect(deaf.filter(({ from }) => from.snapshot.context.ending?.kind !== kind)).toEqual([])
  })

  it('lets every effect end both ways', () => {
    const stuck = walk.edges.filter(
      ({ from, event, to }) =>
        (event.type.startsWith('xstate.done.') || event.type.startsWith('xstate.error.')) &&
        // A fallback is asked in the same state as the agent before it.
        walk.key(from) === walk.key(to),
    )
    expect(stuck.map(({ from, event }) => [from.snapshot.value, event.type])).toEqual([])
  })

  it('does nothing more once it is final', () => {
    const after = walk.edges.filter(({ from }) => from.status === 'done')
    expect(after.length).toBeGreaterThan(0)
    for (const { from, to } of after) {
      expect(to.snapshot.value).toEqual(from.snapshot.value)
      expect(to.asked).toEqual([])
    }
  })

  it('waits only where a result, a timer or a person leads on', () => {
    const leads = new Set(
      walk.edges
        .filter(({ event }) => event.type.startsWith('xstate.') || ['CANCEL', 'MOVED'].includes(event.type))
        .filter(({ from, to }) => from.snapshot.value !== to.snapshot.value || to.asked.length > 0)
        .map(({ from }) => walk.key(from)),
    )
    const stuck = [...walk.visits].filter(([id, visit]) => visit.status === 'active' && !leads.has(id))
    expect(stuck.map(([id]) => id).slice(0, 5)).toEqual([])
  })
})
