/**
 * One child of the supervisor: what may happen to it, in which state.
 *
 * Owner: the plain TypeScript supervisor holds one root actor of this machine per child (supervisor/child-shell.ts).
 * Events are facts and verdicts; what is to be done comes out as emitted intents, reports first, so that a decision is
 * always written down before it is carried out. Invariant: SPAWN is emitted only on entering `starting`, which can only
 * be entered while no process of this child is known to live; so there is never a second one.
 */
import { assign, emit, setup } from 'xstate'
import type { ChildState } from '../../src/contracts/status.ts'
import type { SupervisorReport } from '../../src/contracts/supervisor-report.ts'

/** Why a process is being ended by us; the words of supervisor/decide/decide-restart.ts. */
export type Asked = 'none' | 'stop' | 'restart' | 'sibling' | 'hung' | 'not_ready'

export interface ChildContext {
  readonly child: string
  readonly wanted: 'up' | 'down' | 'paused'
  readonly incarnation: string | null
  readonly asked: Asked
  /** Whether the end asked for skips the grace. */
  readonly force: boolean
  /** Monotonic ms at which a waiting child is due; null where nothing is due. */
  readonly dueMonoMs: number | null
  /** How often it was started again. */
  readonly restarts: number
  /** Started from quarantine and not yet proved healthy: the next failure leads straight back. */
  readonly onProbation: boolean
  readonly reason: string
}

/** After an exit: what the decide functions say is next. */
export interface ExitVerdict {
  readonly next: 'absent' | 'finished' | 'starting' | 'backingOff' | 'quarantined'
  readonly dueMonoMs: number | null
  readonly reason: string
}

export type ChildEvent =
  | { type: 'WANTED'; wanted: 'up' | 'down' | 'paused' }
  /** The gate is open: it is wanted, its turn has come, and nothing of it lives. */
  | { type: 'CLEARED' }
  | { type: 'ADOPTED'; incarnation: string; ready: boolean }
  | { type: 'SPAWNED'; incarnation: string; ready: boolean }
  | { type: 'READY'; reason: string }
  | { type: 'PROVED_HEALTHY' }
  | { type: 'SUSPECTED'; reason: string }
  | { type: 'PROVED_ALIVE' }
  | { type: 'PROVED_HUNG'; reason: string }
  /** End it; `force` skips the grace. */
  | { type: 'END_ASKED'; asked: Exclude<Asked, 'none'>; force: boolean; reason: string }
  | { type: 'STILL_ALIVE'; reason: string }
  | ({ type: 'EXITED' } & ExitVerdict)
  /** A person or a reload wants it tried now. */
  | { type: 'RELEASED'; reason: string }

export type ChildIntent =
  | { type: 'SPAWN'; child: string }
  | { type: 'END'; child: string; force: boolean }
  | { type: 'DIAGNOSE'; child: string; reason: string }
  | {
      type: 'REPORT'
      context: SupervisorReport['context']
      child: string
      incarnation: string | null
      reason: string
      decision: string
    }

const waitsWith = (event: ChildEvent, next: ExitVerdict['next']): boolean =>
  event.type === 'EXITED' && event.next === next

const childSetup = setup({
  types: {
    context: {} as ChildContext,
    events: {} as ChildEvent,
    emitted: {} as ChildIntent,
    input: {} as { child: string },
  },
  guards: {
    isWanted: ({ context }) => context.wanted === 'up',
    isReady: ({ event }) => (event.type === 'SPAWNED' || event.type === 'ADOPTED') && event.ready,
    isEnding: ({ context }) => context.asked !== 'none',
    isForced: ({ event }) => event.type === 'END_ASKED' && event.force,
    goesAbsent: ({ event }) => waitsWith(event, 'absent'),
    finishes: ({ event }) => waitsWith(event, 'finished'),
    startsAgain: ({ context, event }) => waitsWith(event, 'starting') && context.wanted === 'up',
    isQuarantined: ({ event }) => waitsWith(event, 'quarantined'),
  },
  actions: {
    noteWanted: assign({
      wanted: ({ context, event }) => (event.type === 'WANTED' ? event.wanted : context.wanted),
    }),
    noteIncarnation: assign({
      incarnation: ({ context, event }) =>
        event.type === 'SPAWNED' || event.type === 'ADOPTED' ? event.incarnation : context.incarnation,
    }),
    noteReason: assign({
      reason: ({ context, event }) => ('reason' in event ? event.reason : context.reason),
    }),
    noteAsked: assign({
      asked: ({ context, event }) => (event.type === 'END_ASKED' ? event.asked : context.asked),
      force: ({ context, event }) => context.force || (event.type === 'END_ASKED' && event.force),
    }),
    noteVerdict: assign({
      dueMonoMs: ({ event }) => (event.type === 'EXITED' ? event.dueMonoMs : null),
    }),
    clearLife: assign({ incarnation: null, asked: 'none', force: false, dueMonoMs: null }),
    clearWait: assign({ dueMonoMs: null, asked: 'none' }),
    countRestart: assign({ restarts: ({ context }) => context.restarts + 1 }),
    beginProbation: assign({ onProbation: true }),
    endProbation: assign({ onProbation: false }),
    clearReason: assign({ reason: '' }),
    spawn: emit(({ context }) => ({ type: 'SPAWN', child: context.child })),
    end: emit(({ context, event }) => ({
      type: 'END',
      child: context.child,
      force: context.force || event.type === 'STILL_ALIVE',
    })),
    diagnose: emit(({ context, event }) => ({
      type: 'DIAGNOSE',
      child: context.child,
      reason: event.type === 'PROVED_HUNG' ? event.reason : context.reason,
    })),
    report: emit(
      (
        { context, event },
        params: { context: SupervisorReport['context']; decision: string },
      ): ChildIntent => ({
        type: 'REPORT',
        context: params.context,
        child: context.child,
        incarnation: 'incarnation' in event ? event.incarnation : context.incarnation,
        reason: 'reason' in event ? event.reason : context.reason,
        decision: params.decision,
      }),
    ),
  },
})

/** What an exit leads to, wherever it happens. */
const EXITED = [
  {
    guard: 'goesAbsent',
    target: '#child.absent',
    actions: ['noteReason', { type: 'report', params: { context: 'child_terminated', decision: 'none' } }],
  },
  {
    guard: 'finishes',
    target: '#child.finished',
    actions: [
      'noteReason',
      { type: 'report', params: { context: 'child_terminated', decision: 'finished' } },
    ],
  },
  {
    guard: 'isQuarantined',
    target: '#child.quarantined',
    actions: [
      'noteReason',
      'noteVerdict',
      { type: 'report', params: { context: 'quarantined', decision: 'wait for the slow retry or a person' } },
    ],
  },
  {
    guard: 'startsAgain',
    target: '#child.starting',
    // A start that fails comes from this very state, and must enter it anew.
    reenter: true,
    actions: [
      'noteReason',
      'countRestart',
      { type: 'report', params: { context: 'child_terminated', decision: 'restart now' } },
    ],
  },
  {
    target: '#child.backingOff',
    actions: [
      'noteReason',
      'noteVerdict',
      { type: 'report', params: { context: 'backoff', decision: 'restart when due' } },
    ],
  },
] as const

const END_ASKED = {
  target: '#child.stopping',
  actions: [
    'noteAsked',
    'noteReason',
    { type: 'report', params: { context: 'child_stopping', decision: 'end it' } },
    'end',
  ],
} as const

export const childMachine = childSetup.createMachine({
  id: 'child',
  initial: 'absent',
  context: ({ input }) => ({
    child: input.child,
    wanted: 'paused',
    incarnation: null,
    asked: 'none',
    force: false,
    dueMonoMs: null,
    restarts: 0,
    onProbation: false,
    reason: '',
  }),
  on: { WANTED: { actions: 'noteWanted' } },
  states: {
    absent: {
      entry: 'clearLife',
      on: {
        CLEARED: { guard: 'isWanted', target: 'starting' },
        ADOPTED: [
          {
            guard: 'isReady',
            target: 'ready',
            actions: [
              'noteIncarnation',
              { type: 'report', params: { context: 'child_adopted', decision: 'adopt as ready' } },
            ],
          },
          {
            target: 'running',
            actions: [
              'noteIncarnation',
              { type: 'report', params: { context: 'child_adopted', decision: 'adopt, not yet ready' } },
            ],
          },
        ],
      },
    },
    starting: {
      entry: [
        'clearLife',
        { type: 'report', params: { context: 'child_started', decision: 'start' } },
        'spawn',
      ],
      on: {
        SPAWNED: [
          { guard: 'isEnding', target: 'stopping', actions: ['noteIncarnation', 'end'] },
          {
            guard: 'isReady',
            target: 'ready',
            actions: [
              'noteIncarnation',
              { type: 'report', params: { context: 'child_ready', decision: 'none' } },
            ],
          },
          { target: 'running', actions: 'noteIncarnation' },
        ],
        // The process may exist already, so the end waits for its identity.
        END_ASKED: {
          actions: [
            'noteAsked',
            'noteReason',
            {
              type: 'report',
              params: { context: 'child_stopping', decision: 'end it once it is registered' },
            },
          ],
        },
        EXITED,
      },
    },
    running: {
      on: {
        READY: {
          target: 'ready',
          actions: ['noteReason', { type: 'report', params: { context: 'child_ready', decision: 'none' } }],
        },
        END_ASKED,
        EXITED,
      },
    },
    ready: {
      entry: 'clearReason',
      on: {
        PROVED_HEALTHY: { actions: 'endProbation' },
        SUSPECTED: {
          target: 'suspect',
          actions: [
            'noteReason',
            { type: 'report', params: { context: 'child_suspect', decision: 'ask again' } },
          ],
        },
        END_ASKED,
        EXITED,
      },
    },
    suspect: {
      initial: 'asking',
      on: {
        SUSPECTED: { actions: 'noteReason' },
        PROVED_ALIVE: {
          target: 'ready',
          actions: { type: 'report', params: { context: 'child_ready', decision: 'no longer suspect' } },
        },
        END_ASKED,
        EXITED,
      },
      states: {
        asking: {
          on: {
            PROVED_HUNG: {
              target: 'recovering',
              actions: [
                'noteReason',
                { type: 'report', params: { context: 'child_hung', decision: 'diagnose, then replace' } },
                'diagnose',
              ],
            },
          },
        },
        recovering: {},
      },
    },
    stopping: {
      on: {
        END_ASKED: [
          {
            guard: 'isForced',
            actions: [
              'noteAsked',
              'noteReason',
              { type: 'report', params: { context: 'child_stopping', decision: 'end it by force' } },
              'end',
            ],
          },
          { actions: ['noteAsked', 'noteReason'] },
        ],
        STILL_ALIVE: {
          actions: [
            'noteReason',
            { type: 'report', params: { context: 'shutdown_error', decision: 'end it by force again' } },
            'end',
          ],
        },
        EXITED,
      },
    },
    backingOff: {
      on: {
        CLEARED: { guard: 'isWanted', target: 'starting', actions: 'countRestart' },
        RELEASED: {
          actions: [
            'clearWait',
            'noteReason',
            { type: 'report', params: { context: 'released', decision: 'start now' } },
          ],
        },
        END_ASKED: { target: 'absent', actions: 'noteReason' },
      },
    },
    quarantined: {
      on: {
        CLEARED: {
          guard: 'isWanted',
          target: 'starting',
          actions: [
            'countRestart',
            'beginProbation',
            { type: 'report', params: { context: 'released', decision: 'try once more' } },
          ],
        },
        RELEASED: {
          target: 'backingOff',
          actions: [
            'clearWait',
            'endProbation',
            'noteReason',
            { type: 'report', params: { context: 'released', decision: 'start now' } },
          ],
        },
        END_ASKED: { target: 'absent', actions: 'noteReason' },
      },
    },
    finished: {
      entry: 'clearLife',
      on: {
        RELEASED: {
          target: 'backingOff',
          actions: [
            'clearWait',
            'noteReason',
            { type: 'report', params: { context: 'released', decision: 'start now' } },
          ],
        },
        END_ASKED: { target: 'absent', actions: 'noteReason' },
      },
    },
  },
})

/** The state's plain name as `status` shows it. */
export const childStateOf = (snapshot: { value: unknown }): ChildState =>
  (typeof snapshot.value === 'string'
    ? snapshot.value
    : Object.keys(snapshot.value as object)[0]) as ChildState
