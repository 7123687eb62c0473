import type { JsonValue } from '../contracts/json.ts'
import type { StartDecision } from './attempt-evidence.ts'

/** Builds `start_gate.json`: what was asked, of whom, and the decision as it was signed, for anyone to verify again. */
export const buildStartGate = ({ opening, decision, signed, decidedAtMs }: StartDecision): JsonValue => ({
  v: 1,
  gate: opening.gateId,
  openNonce: opening.openNonce,
  subject: { ...opening.subject },
  reasons: opening.reasons,
  operators: opening.operators.map((operator) => ({ ...operator })),
  signing: opening.signing,
  openedAt: new Date(opening.openedAtMs).toISOString(),
  decidedAt: new Date(decidedAtMs).toISOString(),
  signed,
  decision: { ...decision, statement: { ...decision.statement } },
})
