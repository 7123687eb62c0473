import { subjectHash } from '../../gates/subject-hash.ts'
import { isoTime } from '../print/format-time.ts'
import { expiryMs, type StoredGate } from './stored-gate.ts'

/** A gate as `--json` shows it. */
export const gateJson = (gate: StoredGate) => {
  const { row, state, opening, context, sent } = gate
  return {
    id: row.id,
    state,
    kind: opening.subject.kind,
    repo: opening.subject.repo,
    askedBy: opening.replyTo.actor,
    reasons: opening.reasons,
    operators: opening.operators.map(({ name }) => name),
    signing: opening.signing,
    subject: opening.subject,
    subjectHash: subjectHash(opening.subject),
    openNonce: opening.openNonce,
    openedAt: isoTime(opening.openedAtMs),
    expiresAt: isoTime(expiryMs(gate)),
    sent: sent === null ? null : { decision: sent.decision, by: sent.by },
    waiting: context.waiting.length,
    refused: context.refused,
    refusals: context.refusals,
    decided: context.decided,
  }
}
