import { z } from 'zod'
import { GateId, Key, Sha256 } from './ids.ts'

/** What a gate decision approves. The hash binds the exact content: see `subjectHash` in src/gates. */
export const GateSubject = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('merge'),
    repo: Key,
    pullId: z.string(),
    headSha: z.string(),
    patchId: z.string(),
    baseBranch: z.string(),
  }),
  z.object({ kind: z.literal('start'), repo: Key, taskId: z.string(), proposalHash: Sha256 }),
])
export type GateSubject = z.infer<typeof GateSubject>

/** An operator in force when a gate opened. */
export const Operator = z.object({ name: Key, publicKey: z.string().min(1) })
export type Operator = z.infer<typeof Operator>

/** The bytes an operator signs are `canonicalJson` of this object, namespace `oc-supervise-gate` (SSHSIG). */
export const GateStatement = z.object({
  gate: GateId,
  openNonce: z.string().min(16),
  subjectKind: z.enum(['merge', 'start']),
  subjectHash: Sha256,
  decision: z.enum(['approved', 'rejected']),
  by: Key,
  noteHash: Sha256,
  evidenceHashes: z.array(Sha256),
  issuedAt: z.string().datetime(),
  expiresAt: z.string().datetime(),
})
export type GateStatement = z.infer<typeof GateStatement>

/** One decision as it travels: statement, note in clear, and the armoured SSH signature (null only where signing is optional). */
export const GateDecision = z.object({
  statement: GateStatement,
  note: z.string().max(10_000),
  signature: z.string().nullable(),
})
export type GateDecision = z.infer<typeof GateDecision>

/** Everything fixed when a gate opens. */
export const GateOpening = z.object({
  gateId: GateId,
  openNonce: z.string().min(16),
  subject: GateSubject,
  /** Why a person is asked; one sentence each. */
  reasons: z.array(z.string()).min(1),
  operators: z.array(Operator),
  signing: z.enum(['required', 'optional']),
  /** Whom the answer goes to. */
  replyTo: z.object({ actor: z.string(), queue: z.string() }),
  openedAtMs: z.number().int(),
  expiresAfterMs: z.number().int().positive(),
})
export type GateOpening = z.infer<typeof GateOpening>

/** The result of checking one decision against its gate. */
export const GateVerification = z.discriminatedUnion('valid', [
  z.object({ valid: z.literal(true), signed: z.boolean() }),
  z.object({ valid: z.literal(false), reason: z.string() }),
])
export type GateVerification = z.infer<typeof GateVerification>
