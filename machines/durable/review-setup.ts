import { assign, setup } from 'xstate'
import type { AnyEvent, Stamp } from './durable-event.ts'
import { effectActions } from './effect-actions.ts'
import { effectActors } from './effect-actors.ts'
import type { ReviewContext, ReviewInput } from './review-context.ts'
import type { ReviewEvent } from './review-events.ts'
import { reviewGuards } from './review-guards.ts'
import * as steps from './review-steps.ts'
import { moreTrouble, troubleDelayMs } from './trouble.ts'

interface At {
  readonly context: ReviewContext
  readonly event: AnyEvent
}

/** The review machine's vocabulary. */
export const reviewSetup = setup({
  types: {
    context: {} as ReviewContext,
    events: {} as ReviewEvent & Stamp,
    input: {} as ReviewInput,
  },
  actors: effectActors,
  actions: {
    ...effectActions,
    noteTrouble: assign(({ context, event }: At, { at }: { at: string }) => ({
      trouble: moreTrouble(context.trouble, at, event),
    })),
    keepVerdict: assign(steps.keepVerdict),
    keepMergedPull: assign(steps.keepMergedPull),
    keepMovedBase: assign(steps.keepMovedBase),
    keepMovedHead: assign(steps.keepMovedHead),
    keepMergeCheck: assign(steps.keepMergeCheck),
    keepMerge: assign(steps.keepMerge),
    openGate: assign(steps.openGate),
    closeGate: assign(steps.closeGate),
    keepApproval: assign(steps.keepApproval),
    keepSilence: assign(steps.keepSilence),
    countReminder: assign(steps.countReminder),
    countRevision: assign(steps.countRevision),
    noteCancelling: assign(steps.noteCancelling),
    takeRevised: assign(steps.takeRevised),
    startCountAgain: assign(steps.startCountAgain),
  },
  guards: reviewGuards,
  delays: {
    troubleDelay: ({ context }) => troubleDelayMs(context.trouble),
    humanTimeout: ({ context }) => context.terms.humanTimeoutMs,
  },
})

/** The first answer to a failed effect: if it passes by itself, try it again after a while. */
export const tryAgain = (at: string) =>
  ({
    guard: { type: 'mayTryAgain', params: { at } },
    target: 'waitingOut',
    actions: { type: 'noteTrouble', params: { at } },
  }) as const

/** The task wants no merge any more: the forge is asked one last time, then the review closes. */
export const cancellable = { CANCEL: { target: 'judging', actions: 'noteCancelling' } } as const
