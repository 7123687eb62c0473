import { assign, emit, setup } from 'xstate'
import type { SupervisorReport } from '../../src/contracts/supervisor-report.ts'
import type { ChildContext, ChildEvent, ChildIntent, ExitVerdict } from './child-events.ts'

const waitsWith = (event: ChildEvent, next: ExitVerdict['next']): boolean =>
  event.type === 'EXITED' && event.next === next

/** Guards and actions of a child's machine; every intent leaves it as an emitted event. */
export const childSetup = setup({
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
