import { GateOpening, type GateSubject } from '../../../src/contracts/gate.ts'

export const OPENED_AT_MS = Date.UTC(2030, 0, 1, 12)
export const HOUR_MS = 3_600_000

export const MERGE_SUBJECT: GateSubject = {
  kind: 'merge',
  repo: 'api',
  pullId: 'pull-1',
  headSha: 'a'.repeat(40),
  patchId: 'b'.repeat(40),
  baseBranch: 'main',
}

/** An open merge gate with these operators; anything else can be overridden. */
export const openingOf = (
  operators: ReadonlyArray<{ name: string; publicKey: string }>,
  overrides: Partial<GateOpening> = {},
): GateOpening =>
  GateOpening.parse({
    gateId: 'gate-1',
    openNonce: 'n0nce-n0nce-n0nce-n0nce',
    subject: MERGE_SUBJECT,
    reasons: ['merge: manual'],
    operators,
    signing: 'required',
    replyTo: { actor: 'review-1', queue: 'review' },
    openedAtMs: OPENED_AT_MS,
    expiresAfterMs: 24 * HOUR_MS,
    ...overrides,
  })
