import type { GateDecision, GateOpening, GateStatement } from '../contracts/gate.ts'
import { sha256 } from '../platform/sha256.ts'
import type { SignedStatement } from './sign-statement.ts'
import { subjectHash } from './subject-hash.ts'
import { verifyDecision } from './verify-decision.ts'

/** What a person says about an open gate. */
export interface GateChoice {
  readonly decision: 'approved' | 'rejected'
  /** The operator's name: the SSH principal. */
  readonly by: string
  readonly note: string
  /** SHA-256 of each file the person decided on; see `hashEvidenceFiles`. */
  readonly evidenceHashes: readonly string[]
  readonly nowMs: number
}

export type ComposedDecision =
  | { readonly ok: true; readonly decision: GateDecision; readonly signed: boolean }
  | { readonly ok: false; readonly reason: string }

/** Builds the statement a choice amounts to. It holds as long as its gate; a decision is never valid for longer. */
export const composeStatement = (opening: GateOpening, choice: GateChoice): GateStatement => ({
  gate: opening.gateId,
  openNonce: opening.openNonce,
  subjectKind: opening.subject.kind,
  subjectHash: subjectHash(opening.subject),
  decision: choice.decision,
  by: choice.by,
  noteHash: sha256(choice.note),
  evidenceHashes: [...choice.evidenceHashes],
  issuedAt: new Date(choice.nowMs).toISOString(),
  expiresAt: new Date(opening.openedAtMs + opening.expiresAfterMs).toISOString(),
})

/**
 * Builds, signs and checks one decision, as `gate approve|reject` and `mark-manual-gate` send it. `sign` is null for
 * an unsigned one.
 */
export const composeDecision = async (
  opening: GateOpening,
  choice: GateChoice,
  sign: ((statement: GateStatement) => Promise<SignedStatement>) | null,
): Promise<ComposedDecision> => {
  const statement = composeStatement(opening, choice)
  const signed = sign === null ? null : await sign(statement)
  if (signed?.ok === false) return signed
  return completeDecision(
    opening,
    { statement, note: choice.note, signature: signed?.signature ?? null },
    choice.nowMs,
  )
}

/**
 * Checks a decision before it is sent; also one whose statement was signed on another machine. What the gate would
 * refuse is refused here already, with the gate's own reason.
 */
export const completeDecision = (
  opening: GateOpening,
  decision: GateDecision,
  nowMs: number,
): ComposedDecision => {
  const verification = verifyDecision(opening, decision, nowMs)
  return verification.valid
    ? { ok: true, decision, signed: verification.signed }
    : { ok: false, reason: verification.reason }
}
