import type { EffectInput } from '../../src/contracts/effect-io.ts'
import type { GateDecision } from '../../src/contracts/gate.ts'
import { type AnyEvent, failureOf, nowOf, outputOf } from './durable-event.ts'
import type { SendParams } from './effect-actions.ts'
import type { GateContext, GateEvent } from './gate-context.ts'
import type { GateDecided } from './gate-events.ts'

interface At {
  readonly context: GateContext
  readonly event: AnyEvent
}

/** A decision that only the unsigned could flood is not worth more room than this. */
const MOST_WAITING = 20
const REMEMBERED = 10

/** Puts an arriving decision in line; beyond the longest line it is refused. */
export const queueDecision = ({ context, event }: At): Partial<GateContext> => {
  const { decision } = event as Extract<GateEvent, { type: 'DECISION' }>
  if (context.waiting.length < MOST_WAITING) return { waiting: [...context.waiting, decision] }
  return refuse(context, decision, 'too many decisions wait to be verified; decide again', event)
}

/** Accepts the decision under verification. */
export const keepDecision = ({ context, event }: At): Partial<GateContext> => {
  const verification = outputOf('verifyDecision', event)
  return {
    decided: {
      decision: current(context),
      signed: verification.valid && verification.signed,
      atMs: nowOf(event),
    },
    waiting: [],
  }
}

/** Refuses the decision under verification and remembers why. */
export const refuseDecision = ({ context, event }: At): Partial<GateContext> => {
  const verification = outputOf('verifyDecision', event)
  const reason = verification.valid ? 'refused' : verification.reason
  return { ...refuse(context, current(context), reason, event), ...next(context) }
}

/** Gives up on a decision that could not be verified; the person sees why and decides again. */
export const refuseUnverified = ({ context, event }: At): Partial<GateContext> => ({
  ...refuse(context, current(context), `could not be verified: ${failureOf(event).reason}`, event),
  ...next(context),
})

/** What `verifyDecision` is asked. */
export const verifyInput = ({ context, event }: At): EffectInput<'verifyDecision'> => ({
  opening: context.opening,
  decision: current(context),
  nowMs: nowOf(event),
})

/** The accepted decision, told to the opener. */
export const tellDecided = ({ context }: At): SendParams => {
  if (context.decided === null) throw new Error(`gate ${context.opening.gateId} has no decision to tell`)
  const { decision, signed } = context.decided
  const { subject, gateId, replyTo } = context.opening
  const event: GateDecided = {
    type: 'GATE_DECIDED',
    gateId,
    decision: decision.statement.decision,
    by: decision.statement.by,
    note: decision.note,
    signed,
    headSha: subject.kind === 'merge' ? subject.headSha : null,
    patchId: subject.kind === 'merge' ? subject.patchId : null,
  }
  return { to: replyTo.actor, queue: replyTo.queue, event }
}

/** That nobody decided, told to the opener. */
export const tellExpired = ({ context }: At): SendParams => ({
  to: context.opening.replyTo.actor,
  queue: context.opening.replyTo.queue,
  event: { type: 'GATE_EXPIRED', gateId: context.opening.gateId },
})

/** The decision that is verified now. */
export const current = (context: GateContext): GateDecision => {
  const [first] = context.waiting
  if (first === undefined) throw new Error(`gate ${context.opening.gateId} verifies no decision`)
  return first
}

const next = (context: GateContext) => ({ waiting: context.waiting.slice(1), tries: 0 })

const refuse = (context: GateContext, decision: GateDecision, reason: string, event: AnyEvent) => ({
  refused: context.refused + 1,
  refusals: [...context.refusals, { by: decision.statement.by, reason, atMs: nowOf(event) }].slice(
    -REMEMBERED,
  ),
})
