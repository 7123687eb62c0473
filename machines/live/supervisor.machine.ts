/**
 * The supervisor's own life: from the lock to the clean stop.
 *
 * Owner: supervisor/supervisor.ts, one root actor. Events are what happened or was asked; emitted intents are what the
 * shell is to do. Invariant: nothing is started before survivors of the last supervisor are adopted or ended, and nothing
 * is started once a stop was asked; a second stop kills.
 */
import { assign, emit, setup } from 'xstate'

export interface StopAsked {
  /** Wait until attempts in flight have ended. */
  readonly drain: boolean
  /** Leave agents and their keepers running, for whoever comes next. */
  readonly keepAgents: boolean
}

export interface SupervisorContext extends StopAsked {
  readonly pauseAsked: boolean
  readonly reason: string
}

export type SupervisorEvent =
  | { type: 'BOOTED' }
  /** Survivors are adopted, the rest is ended. */
  | { type: 'ADOPTION_DONE' }
  | { type: 'PAUSE_ASKED'; reason: string }
  | { type: 'UNPAUSE_ASKED'; reason: string }
  | ({ type: 'STOP_ASKED'; reason: string } & StopAsked)
  | { type: 'KILL_ASKED'; reason: string }
  /** No child has work in hand any more. */
  | { type: 'DRAINED' }
  /** No child lives any more. */
  | { type: 'ALL_DOWN' }

export type SupervisorIntent =
  | { type: 'ADOPT' }
  /** What we want of children has changed: tell them, then look at all of them again. */
  | { type: 'RECONCILE' }
  | { type: 'DRAIN' }
  | { type: 'END_ALL'; force: boolean }
  | { type: 'RECORD_STOP' }

const supervisorSetup = setup({
  types: {
    context: {} as SupervisorContext,
    events: {} as SupervisorEvent,
    emitted: {} as SupervisorIntent,
  },
  guards: {
    wantsPause: ({ context }) => context.pauseAsked,
    wantsDrain: ({ event }) => event.type === 'STOP_ASKED' && event.drain,
  },
  actions: {
    notePause: assign({ pauseAsked: true }),
    noteUnpause: assign({ pauseAsked: false }),
    noteStop: assign({
      drain: ({ event }) => event.type === 'STOP_ASKED' && event.drain,
      keepAgents: ({ event }) => event.type === 'STOP_ASKED' && event.keepAgents,
    }),
    noteReason: assign({
      reason: ({ context, event }) => ('reason' in event ? event.reason : context.reason),
    }),
    adopt: emit({ type: 'ADOPT' }),
    reconcile: emit({ type: 'RECONCILE' }),
    drain: emit({ type: 'DRAIN' }),
    endAll: emit({ type: 'END_ALL', force: false }),
    killAll: emit({ type: 'END_ALL', force: true }),
    recordStop: emit({ type: 'RECORD_STOP' }),
  },
})

const STOPS = {
  STOP_ASKED: [
    { guard: 'wantsDrain', target: 'draining', actions: ['noteStop', 'noteReason'] },
    { target: 'stopping', actions: ['noteStop', 'noteReason'] },
  ],
  KILL_ASKED: { target: 'killing', actions: 'noteReason' },
} as const

export const supervisorMachine = supervisorSetup.createMachine({
  id: 'supervisor',
  initial: 'booting',
  context: { drain: false, keepAgents: false, pauseAsked: false, reason: '' },
  states: {
    // Without the lock the tree is somebody else's: a stop ends us and touches nothing.
    booting: {
      on: {
        BOOTED: 'adopting',
        PAUSE_ASKED: { actions: ['notePause', 'noteReason'] },
        STOP_ASKED: { target: 'stopped', actions: 'noteReason' },
        KILL_ASKED: { target: 'stopped', actions: 'noteReason' },
      },
    },
    adopting: {
      entry: 'adopt',
      on: {
        ADOPTION_DONE: [{ guard: 'wantsPause', target: 'paused' }, { target: 'running' }],
        PAUSE_ASKED: { actions: ['notePause', 'noteReason'] },
        UNPAUSE_ASKED: { actions: ['noteUnpause', 'noteReason'] },
        ...STOPS,
      },
    },
    running: {
      entry: 'reconcile',
      on: { PAUSE_ASKED: { target: 'paused', actions: ['notePause', 'noteReason'] }, ...STOPS },
    },
    paused: {
      entry: 'reconcile',
      on: { UNPAUSE_ASKED: { target: 'running', actions: ['noteUnpause', 'noteReason'] }, ...STOPS },
    },
    draining: {
      entry: ['reconcile', 'drain'],
      on: {
        DRAINED: 'stopping',
        // A second stop kills at once, as a second signal does; who asks to drain again has lost patience with nobody.
        STOP_ASKED: [{ guard: 'wantsDrain' }, { target: 'killing', actions: 'noteReason' }],
        KILL_ASKED: { target: 'killing', actions: 'noteReason' },
      },
    },
    stopping: {
      entry: ['reconcile', 'endAll'],
      on: {
        ALL_DOWN: 'stopped',
        STOP_ASKED: { target: 'killing', actions: 'noteReason' },
        KILL_ASKED: { target: 'killing', actions: 'noteReason' },
      },
    },
    killing: {
      entry: ['reconcile', 'killAll'],
      on: { ALL_DOWN: 'stopped' },
    },
    stopped: { entry: 'recordStop', type: 'final' },
  },
})
