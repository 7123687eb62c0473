import type { GateDecision, GateOpening, GateVerification, Operator } from '../contracts/gate.ts'
import { sha256 } from '../platform/sha256.ts'
import { fingerprint, parsePublicKey } from './ssh-public-key.ts'
import { decodeSshSig, sshSigMessage } from './sshsig.ts'
import { GATE_NAMESPACE, statementBytes } from './statement-bytes.ts'
import { subjectHash } from './subject-hash.ts'
import { verifySshSignature } from './verify-ssh-signature.ts'

/** How far the clock of the signer's machine may be ahead of ours. */
export const CLOCK_SKEW_MS = 5 * 60_000

/**
 * Judges one decision against its gate as it was opened. Pure: it is asked when a decision arrives and again when it
 * is used, and gives the same answer for the same `nowMs`. Every refusal is one sentence.
 */
export const verifyDecision = (
  opening: GateOpening,
  decision: GateDecision,
  nowMs: number,
): GateVerification => {
  const fault =
    bindingFault(opening, decision) ?? timeFault(opening, decision, nowMs) ?? operatorFault(opening, decision)
  if (fault !== null) return { valid: false, reason: fault }
  if (decision.signature === null) return judgeUnsigned(opening)
  const signatureFault = faultOfSignature(opening, decision, decision.signature)
  return signatureFault === null ? { valid: true, signed: true } : { valid: false, reason: signatureFault }
}

/** Is it a decision of this gate, this opening, this content and this note? */
const bindingFault = (opening: GateOpening, { statement, note }: GateDecision): string | null => {
  const hash = subjectHash(opening.subject)
  if (statement.gate !== opening.gateId)
    return `the decision is for ${statement.gate}, not for ${opening.gateId}`
  if (statement.openNonce !== opening.openNonce) {
    return `the decision answers an earlier opening of ${opening.gateId}; read the gate again and decide anew`
  }
  if (statement.subjectKind !== opening.subject.kind || statement.subjectHash !== hash) {
    return `the decision approves other content (${statement.subjectHash}) than ${opening.gateId} asks about (${hash})`
  }
  if (!note.isWellFormed() || statement.noteHash !== sha256(note))
    return 'the note is not the note that was decided on'
  return null
}

const timeFault = (opening: GateOpening, { statement }: GateDecision, nowMs: number): string | null => {
  const gateExpiresMs = opening.openedAtMs + opening.expiresAfterMs
  if (!(nowMs < gateExpiresMs)) return `${opening.gateId} expired at ${new Date(gateExpiresMs).toISOString()}`
  const issuedMs = Date.parse(statement.issuedAt)
  const expiresMs = Date.parse(statement.expiresAt)
  // Written so that a date that is no number is refused too.
  if (!(expiresMs > issuedMs)) return `the decision expires (${statement.expiresAt}) before it was issued`
  if (!(issuedMs <= nowMs + CLOCK_SKEW_MS)) {
    return `the decision was issued in the future (${statement.issuedAt}); set the clock of the signing machine`
  }
  if (!(nowMs < expiresMs)) return `the decision expired at ${statement.expiresAt}; decide anew`
  return null
}

/** Where operators are named, only they decide, signed or not. */
const operatorFault = (opening: GateOpening, { statement }: GateDecision): string | null =>
  opening.operators.length > 0 && operatorNamed(opening, statement.by) === undefined
    ? `"${statement.by}" was not an operator when ${opening.gateId} opened (${opening.operators.map(({ name }) => name).join(', ')})`
    : null

const judgeUnsigned = (opening: GateOpening): GateVerification =>
  opening.signing === 'optional'
    ? { valid: true, signed: false }
    : { valid: false, reason: `${opening.gateId} takes signed decisions only; sign with --key FILE` }

/** A signature that cannot be checked is refused, never counted as unsigned. */
const faultOfSignature = (
  opening: GateOpening,
  { statement }: GateDecision,
  armoured: string,
): string | null => {
  const operator = operatorNamed(opening, statement.by)
  if (operator === undefined)
    return `the decision is signed, but ${opening.gateId} names no operator to check it against`
  const parsed = parsePublicKey(operator.publicKey)
  if (!parsed.ok) return `the key of operator "${operator.name}" cannot be used: ${parsed.reason}`
  const decoded = decodeSshSig(armoured)
  if (!decoded.ok) return decoded.reason
  const { sig } = decoded
  if (sig.namespace !== GATE_NAMESPACE) {
    return `the signature was made for "${sig.namespace}"; sign with -n ${GATE_NAMESPACE}`
  }
  if (!sig.publicKey.equals(parsed.key.blob)) {
    return `the signature is by ${fingerprint(sig.publicKey)}, which is not the key of "${operator.name}" (${fingerprint(parsed.key.blob)})`
  }
  return verifySshSignature(
    parsed.key,
    sig.signature,
    sshSigMessage(GATE_NAMESPACE, statementBytes(statement)),
  )
}

const operatorNamed = (opening: GateOpening, name: string): Operator | undefined =>
  opening.operators.find((operator) => operator.name === name)
