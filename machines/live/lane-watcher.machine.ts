/**
 * One lane as its own process sees it: whether it may claim work now, and what its heartbeat says it does.
 *
 * Owner: the lane's work loop holds one root actor of this machine and feeds it facts; the loop itself does the polling,
 * claiming and waiting. Nothing here starts or stops anything. Invariant: only states tagged `mayClaim` allow a claim,
 * and none of them can be active while the lane is recovering, paused, held, orphaned or on its way out.
 */
import { assign, type SnapshotFrom, setup } from 'xstate'
import type { LaneName } from '../../src/contracts/lane-name.ts'
import type { Heartbeat } from '../../src/contracts/liveness.ts'

export interface LaneWatcherContext {
  readonly lane: LaneName
  /** Work of ours is in flight: an attempt, or an effect that is not settled. */
  readonly holding: boolean
  readonly paused: boolean
  /** The supervisor is proved dead and none has come back. */
  readonly supervisorLost: boolean
  /** `drain`: what is held is finished first. `stop`: its agents are stopped. */
  readonly ending: 'no' | 'drain' | 'stop'
  /** Why admission was refused, and until when (monotonic ms; null where nobody can say). */
  readonly refusal: { readonly reason: string; readonly untilMs: number | null } | null
}

export type LaneWatcherEvent =
  /** Registered, journal open. */
  | { type: 'STARTED' }
  /** What earlier lives of this lane left is reconciled. */
  | { type: 'RECOVERED'; holding: boolean }
  /** The poll interval is over, a doorbell rang, or a refusal ran out: look again. */
  | { type: 'POLL' }
  | { type: 'WORK_FOUND' }
  | { type: 'NO_WORK' }
  | { type: 'ADMISSION_REFUSED'; reason: string; untilMs: number | null }
  /** Nothing of ours is in flight any more. */
  | { type: 'HELD_EMPTY' }
  | { type: 'PAUSE' }
  | { type: 'UNPAUSE' }
  | { type: 'DRAIN' }
  | { type: 'STOP' }
  | { type: 'SUPERVISOR_LOST' }
  | { type: 'SUPERVISOR_BACK' }
  /** Without a supervisor for the whole orphan timeout. */
  | { type: 'ORPHAN_TIMEOUT' }

const laneSetup = setup({
  types: {
    context: {} as LaneWatcherContext,
    events: {} as LaneWatcherEvent,
    input: {} as { lane: LaneName },
    tags: {} as 'mayClaim',
  },
  guards: {
    isEnding: ({ context }) => context.ending !== 'no',
    isOrphaned: ({ context }) => context.supervisorLost,
    isPaused: ({ context }) => context.paused,
    isHolding: ({ context }) => context.holding,
    holdsNothing: ({ context }) => !context.holding,
  },
  actions: {
    noteRecovered: assign({
      holding: ({ context, event }) => (event.type === 'RECOVERED' ? event.holding : context.holding),
    }),
    noteWork: assign({ holding: true }),
    noteEmpty: assign({ holding: false }),
    notePaused: assign({ paused: true }),
    noteUnpaused: assign({ paused: false }),
    noteLost: assign({ supervisorLost: true }),
    noteBack: assign({ supervisorLost: false }),
    noteDrain: assign({ ending: ({ context }) => (context.ending === 'stop' ? 'stop' : 'drain') }),
    noteStop: assign({ ending: 'stop' }),
    noteRefusal: assign({
      refusal: ({ event }) =>
        event.type === 'ADMISSION_REFUSED' ? { reason: event.reason, untilMs: event.untilMs } : null,
    }),
    clearRefusal: assign({ refusal: null }),
  },
})

/** What may come at any time: noted at once, obeyed as soon as the lane knows what it holds. */
const NOTED = {
  PAUSE: { actions: 'notePaused' },
  UNPAUSE: { actions: 'noteUnpaused' },
  DRAIN: { actions: 'noteDrain' },
  STOP: { actions: 'noteStop' },
  SUPERVISOR_LOST: { actions: 'noteLost' },
  SUPERVISOR_BACK: { actions: 'noteBack' },
} as const

export const laneWatcherMachine = laneSetup.createMachine({
  id: 'laneWatcher',
  initial: 'starting',
  context: ({ input }) => ({
    lane: input.lane,
    holding: false,
    paused: false,
    supervisorLost: false,
    ending: 'no',
    refusal: null,
  }),
  states: {
    starting: {
      description: 'The process is up and registers itself; it knows nothing of any work yet.',
      on: { ...NOTED, STARTED: 'recovering' },
    },
    recovering: {
      description:
        'Reconciles what earlier lives of this lane left: dead owners, unfinished effects, keepers to adopt. Claims nothing.',
      on: { ...NOTED, RECOVERED: { target: 'serving', actions: 'noteRecovered' } },
    },
    serving: {
      description: 'Knows what it holds; serves for as long as nothing forbids it.',
      initial: 'choosing',
      on: {
        PAUSE: { target: '.choosing', actions: 'notePaused' },
        UNPAUSE: { target: '.choosing', actions: 'noteUnpaused' },
        DRAIN: { target: '.choosing', actions: 'noteDrain' },
        STOP: { target: '.choosing', actions: 'noteStop' },
        SUPERVISOR_LOST: { target: '.choosing', actions: 'noteLost' },
        SUPERVISOR_BACK: { target: '.choosing', actions: 'noteBack' },
        HELD_EMPTY: { target: '.choosing', actions: 'noteEmpty' },
      },
      states: {
        choosing: {
          description: 'Passing through: the strongest reason decides where the lane stands.',
          always: [
            { guard: 'isEnding', target: 'draining' },
            { guard: 'isOrphaned', target: 'orphaned' },
            { guard: 'isPaused', target: 'paused' },
            { guard: 'isHolding', target: 'working' },
            { target: 'polling' },
          ],
        },
        polling: {
          description: 'Holds nothing and looks for work.',
          tags: 'mayClaim',
          entry: 'clearRefusal',
          on: {
            WORK_FOUND: { target: 'working', actions: 'noteWork' },
            NO_WORK: 'idle',
            ADMISSION_REFUSED: { target: 'held', actions: 'noteRefusal' },
          },
        },
        idle: {
          description: 'There is no work. Waits for a doorbell or for the poll interval.',
          tags: 'mayClaim',
          on: { POLL: 'polling', WORK_FOUND: { target: 'working', actions: 'noteWork' } },
        },
        held: {
          description:
            'There is work, but admission refuses it: a window, budget, breaker, concurrency, memory or disk. The task stays Ready.',
          on: { POLL: 'polling' },
        },
        working: {
          description: 'Holds work; may take more where its concurrency allows.',
          tags: 'mayClaim',
          on: { WORK_FOUND: { actions: 'noteWork' } },
        },
        paused: {
          description: 'A person paused it. What it holds goes on; nothing new is claimed.',
        },
        orphaned: {
          description:
            'The supervisor is dead. Finishes what it holds, claims nothing, and waits for a supervisor to adopt it.',
          on: { ORPHAN_TIMEOUT: { target: 'draining', actions: 'noteDrain' } },
        },
        draining: {
          description: 'On its way out: finishes what it holds, or has its agents stopped, and then ends.',
          always: { guard: 'holdsNothing', target: '#laneWatcher.stopped' },
        },
      },
    },
    stopped: {
      description: 'Holds nothing and claims nothing; the process may exit.',
      type: 'final',
    },
  },
})

export type LaneWatcherSnapshot = SnapshotFrom<typeof laneWatcherMachine>

/** Whether the lane may claim work now. */
export const mayClaim = (snapshot: LaneWatcherSnapshot): boolean => snapshot.hasTag('mayClaim')

/** What the lane's heartbeat says it does. */
export const doingOf = (snapshot: LaneWatcherSnapshot): Heartbeat['doing'] => {
  if (snapshot.matches({ serving: 'draining' }) || snapshot.matches('stopped')) return 'draining'
  if (snapshot.context.holding) return 'working'
  if (snapshot.matches({ serving: 'paused' })) return 'paused'
  if (snapshot.matches({ serving: 'held' }) || snapshot.matches({ serving: 'orphaned' })) return 'waiting'
  return snapshot.matches('starting') || snapshot.matches('recovering') ? 'working' : 'idle'
}
