import { z } from 'zod'
import { GateDecision, GateOpening } from '../../src/contracts/gate.ts'
import { Stamp } from './durable-event.ts'

const FromOpener = GateOpening.pick({
  gateId: true,
  subject: true,
  reasons: true,
  operators: true,
  signing: true,
  replyTo: true,
  expiresAfterMs: true,
})

/** What an opener hands over with `startActor`; the host adds the stamp, whose nonce becomes the gate's `openNonce`. */
export const GateInput = z.object({ ...FromOpener.shape, ...Stamp.shape })
export type GateInput = z.infer<typeof GateInput>
export type GateStart = z.infer<typeof FromOpener>

/** A decision that was not accepted, and why; a person sees it, the gate stays open. */
const Refusal = z.object({ by: z.string(), reason: z.string(), atMs: z.number().int() })

export const GateContext = z.object({
  opening: GateOpening,
  /** Decisions that wait to be verified, oldest first; the first is under way while verifying. */
  waiting: z.array(GateDecision),
  tries: z.number().int().nonnegative(),
  /** The decision that was accepted. */
  decided: z.object({ decision: GateDecision, signed: z.boolean(), atMs: z.number().int() }).nullable(),
  refused: z.number().int().nonnegative(),
  /** The last ten. */
  refusals: z.array(Refusal).max(10),
})
export type GateContext = z.infer<typeof GateContext>

/** What a gate is told. */
export const GateEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('DECISION'), decision: GateDecision }),
  /** The opener no longer asks. */
  z.object({ type: z.literal('WITHDRAW') }),
])
export type GateEvent = z.infer<typeof GateEvent>

/** The context a gate opens with. */
export const openedGate = (input: GateInput): GateContext => ({
  opening: {
    gateId: input.gateId,
    openNonce: input.nonce,
    subject: input.subject,
    reasons: input.reasons,
    operators: input.operators,
    signing: input.signing,
    replyTo: input.replyTo,
    openedAtMs: input.nowMs,
    expiresAfterMs: input.expiresAfterMs,
  },
  waiting: [],
  tries: 0,
  decided: null,
  refused: 0,
  refusals: [],
})
