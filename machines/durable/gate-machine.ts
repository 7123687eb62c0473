/**
 * A gate: one question to people about one exact subject. Owner: the queue `supervisor`.
 * Invariant: it ends approved or rejected only after `verifyDecision` accepted a decision for this very opening;
 * whatever else arrives is refused, remembered, and leaves the gate open. Chart: docs/machines/gate.md.
 */
import { assign, setup } from 'xstate'
import { type AnyEvent, outputOf, type Stamp } from './durable-event.ts'
import { effectActions } from './effect-actions.ts'
import { effectActors } from './effect-actors.ts'
import { type GateContext, type GateEvent, type GateInput, openedGate } from './gate-context.ts'
import * as steps from './gate-steps.ts'

/** Rises with every change of the chart or the context; a stored gate of an older version needs a migration. */
export const GATE_VERSION = 1

const MOST_TRIES = 3

interface At {
  readonly context: GateContext
  readonly event: AnyEvent
}

const accepts = (event: AnyEvent): boolean => outputOf('verifyDecision', event).valid

const gateSetup = setup({
  types: {
    context: {} as GateContext,
    events: {} as GateEvent & Stamp,
    input: {} as GateInput,
  },
  actors: effectActors,
  actions: {
    ...effectActions,
    queueDecision: assign(steps.queueDecision),
    keepDecision: assign(steps.keepDecision),
    refuseDecision: assign(steps.refuseDecision),
    refuseUnverified: assign(steps.refuseUnverified),
    countTry: assign(({ context }) => ({ tries: context.tries + 1 })),
  },
  guards: {
    decisionWaits: ({ context }: At) => context.waiting.length > 0,
    isApproval: ({ context, event }: At) =>
      accepts(event) && steps.current(context).statement.decision === 'approved',
    isRejection: ({ context, event }: At) =>
      accepts(event) && steps.current(context).statement.decision === 'rejected',
    triesLeft: ({ context }: At) => context.tries < MOST_TRIES,
  },
  delays: {
    expiry: ({ context }) => context.opening.expiresAfterMs,
    verifyAgain: 2_000,
  },
})

const tellDecided = { type: 'send', label: 'send GATE_DECIDED', params: steps.tellDecided } as const
const tellExpired = { type: 'send', label: 'send GATE_EXPIRED', params: steps.tellExpired } as const

export const gateMachine = gateSetup.createMachine({
  id: 'gate',
  context: ({ input }) => openedGate(input),
  initial: 'undecided',
  states: {
    undecided: {
      description:
        'The question stands. The expiry counts from the opening, however many decisions are refused.',
      initial: 'open',
      after: {
        expiry: { target: 'expired', actions: tellExpired },
      },
      on: {
        DECISION: { actions: 'queueDecision' },
        WITHDRAW: 'withdrawn',
      },
      states: {
        open: {
          description: 'Waits for a decision.',
          always: { guard: 'decisionWaits', target: 'verifying' },
        },
        verifying: {
          description: 'Checks one decision: signature, operator, subject, nonce and expiry.',
          invoke: {
            id: 'verifyDecision',
            src: 'verifyDecision',
            input: steps.verifyInput,
            onDone: [
              { guard: 'isApproval', target: '#gate.approved', actions: ['keepDecision', tellDecided] },
              { guard: 'isRejection', target: '#gate.rejected', actions: ['keepDecision', tellDecided] },
              { target: 'open', actions: 'refuseDecision' },
            ],
            onError: [
              { guard: 'triesLeft', target: 'retrying', actions: 'countTry' },
              { target: 'open', actions: 'refuseUnverified' },
            ],
          },
        },
        retrying: {
          description: 'The check itself broke; it is tried again shortly.',
          after: { verifyAgain: 'verifying' },
        },
      },
    },
    approved: { type: 'final', description: 'An operator approved the subject; the opener was told.' },
    rejected: { type: 'final', description: 'An operator rejected the subject; the opener was told.' },
    expired: { type: 'final', description: 'Nobody decided in time; the opener was told.' },
    withdrawn: { type: 'final', description: 'The opener no longer asks.' },
  },
})
