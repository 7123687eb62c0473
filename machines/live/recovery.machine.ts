/**
 * The recovery ladder of one child: diagnose → doctor → resume → watch, bounded by count and time.
 *
 * Owner: supervisor/recovery/ladder.ts, one root actor per child that ever needed it. Time comes in events. Invariant: a
 * child is resumed at most `max` times within `withinMs`, and never twice for the same diagnosis class in that window. No
 * rung is stood on for ever: only the doctor takes time, and it has a deadline.
 */
import { assign, emit, setup } from 'xstate'

export interface RecoveryTry {
  readonly class: string
  readonly atMonoMs: number
}

export interface RecoveryContext {
  readonly child: string
  readonly max: number
  readonly withinMs: number
  /** Tries that led to a restart, newest last; only those within the window count. */
  readonly tries: readonly RecoveryTry[]
  readonly class: string | null
  readonly reason: string
}

export type RecoveryEvent =
  | { type: 'FAULT_FOUND'; reason: string }
  /** `known`: the doctor's table has a row for this class. */
  | { type: 'DIAGNOSED'; class: string; known: boolean; reason: string; nowMonoMs: number }
  | { type: 'DOCTORED'; ok: boolean; reason: string }
  /** The doctor has not come back in its time; what it still does counts for nothing. */
  | { type: 'DOCTOR_OVERDUE' }
  | { type: 'RESUMED' }
  /** It proved itself again without our help, or was taken away; nothing is left to recover. */
  | { type: 'FAULT_GONE' }
  | { type: 'PROVED_HEALTHY' }
  /** A person, or the slow retry, starts over. */
  | { type: 'RELEASED' }

export type RecoveryIntent =
  | { type: 'DIAGNOSE'; child: string }
  | { type: 'DOCTOR'; child: string; class: string }
  | { type: 'RESUME'; child: string; class: string }
  | { type: 'GIVE_UP'; child: string; reason: string }

const recentTries = (context: RecoveryContext, nowMonoMs: number): readonly RecoveryTry[] =>
  context.tries.filter((one) => nowMonoMs - one.atMonoMs <= context.withinMs)

const recoverySetup = setup({
  types: {
    context: {} as RecoveryContext,
    events: {} as RecoveryEvent,
    emitted: {} as RecoveryIntent,
    input: {} as { child: string; max: number; withinMs: number },
  },
  guards: {
    isUnknown: ({ event }) => event.type === 'DIAGNOSED' && !event.known,
    isSameClassAgain: ({ context, event }) =>
      event.type === 'DIAGNOSED' &&
      recentTries(context, event.nowMonoMs).some((one) => one.class === event.class),
    isSpent: ({ context, event }) =>
      event.type === 'DIAGNOSED' && recentTries(context, event.nowMonoMs).length >= context.max,
    isRepaired: ({ event }) => event.type === 'DOCTORED' && event.ok,
  },
  actions: {
    noteReason: assign({
      reason: ({ context, event }) => ('reason' in event ? event.reason : context.reason),
    }),
    noteTry: assign(({ context, event }) =>
      event.type === 'DIAGNOSED'
        ? {
            class: event.class,
            tries: [
              ...recentTries(context, event.nowMonoMs),
              { class: event.class, atMonoMs: event.nowMonoMs },
            ],
          }
        : {},
    ),
    forget: assign({ tries: [], class: null, reason: '' }),
    diagnose: emit(({ context }) => ({ type: 'DIAGNOSE', child: context.child })),
    doctor: emit(({ context }) => ({
      type: 'DOCTOR',
      child: context.child,
      class: context.class ?? 'unknown',
    })),
    resume: emit(({ context }) => ({
      type: 'RESUME',
      child: context.child,
      class: context.class ?? 'unknown',
    })),
    giveUp: emit(({ context }, params: { why: string }) => ({
      type: 'GIVE_UP',
      child: context.child,
      reason: `${params.why}: ${context.reason}`,
    })),
  },
})

const GONE = { FAULT_GONE: 'idle' } as const

export const recoveryMachine = recoverySetup.createMachine({
  id: 'recovery',
  initial: 'idle',
  context: ({ input }) => ({ ...input, tries: [], class: null, reason: '' }),
  states: {
    idle: { on: { FAULT_FOUND: { target: 'diagnosing', actions: 'noteReason' } } },
    diagnosing: {
      entry: 'diagnose',
      on: {
        DIAGNOSED: [
          {
            guard: 'isUnknown',
            target: 'givenUp',
            actions: ['noteReason', { type: 'giveUp', params: { why: 'the diagnosis has no known remedy' } }],
          },
          {
            guard: 'isSameClassAgain',
            target: 'givenUp',
            actions: ['noteReason', { type: 'giveUp', params: { why: 'the same fault came back' } }],
          },
          {
            guard: 'isSpent',
            target: 'givenUp',
            actions: ['noteReason', { type: 'giveUp', params: { why: 'the recovery limit is reached' } }],
          },
          { target: 'doctoring', actions: ['noteReason', 'noteTry'] },
        ],
        ...GONE,
      },
    },
    doctoring: {
      entry: 'doctor',
      on: {
        DOCTORED: [
          { guard: 'isRepaired', target: 'resuming', actions: 'noteReason' },
          {
            target: 'givenUp',
            actions: ['noteReason', { type: 'giveUp', params: { why: 'the remedy did not work' } }],
          },
        ],
        DOCTOR_OVERDUE: {
          target: 'givenUp',
          actions: { type: 'giveUp', params: { why: 'the remedy did not end in its time' } },
        },
        ...GONE,
      },
    },
    resuming: { entry: 'resume', on: { RESUMED: 'watching', ...GONE } },
    watching: {
      on: {
        FAULT_FOUND: { target: 'diagnosing', actions: 'noteReason' },
        PROVED_HEALTHY: { target: 'idle', actions: 'forget' },
      },
    },
    givenUp: { on: { RELEASED: { target: 'idle', actions: 'forget' } } },
  },
})
