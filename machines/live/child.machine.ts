/**
 * One child of the supervisor: what may happen to it, in which state.
 *
 * Owner: the plain TypeScript supervisor holds one root actor of this machine per child (supervisor/child-shell.ts).
 * Events are facts and verdicts; what is to be done comes out as emitted intents, reports first, so that a decision is
 * always written down before it is carried out. Invariant: SPAWN is emitted only on entering `starting`, which can only
 * be entered while no process of this child is known to live; so there is never a second one.
 */
import type { ChildState } from '../../src/contracts/status.ts'
import { END_ASKED, EXITED } from './child-ends.ts'
import { childSetup } from './child-setup.ts'

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
