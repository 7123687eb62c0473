import type { KeyObject } from 'node:crypto'
import type { EffectInput } from '../contracts/effect-io.ts'
import type { GateDecision, GateOpening } from '../contracts/gate.ts'

/** Whether an agent could have forged a gate decision on this host; see docs/gates.md. */
export type GateTrust = 'isolated' | 'same-user'

/** Where the journal stood when the evidence was written. */
export interface JournalPosition {
  /** The last event of the task's own stream. */
  readonly head: { readonly stream: string; readonly seq: number; readonly hash: string } | null
  /** Hash of the latest signed anchor. */
  readonly anchorHash: string | null
}

/** What a person was asked before an attempt, and said: all that is needed to verify it again. */
export interface StartDecision {
  readonly opening: GateOpening
  readonly decision: GateDecision
  /** Whether its signature was verified; false only where signing is optional. */
  readonly signed: boolean
  readonly decidedAtMs: number
}

/** Everything the evidence of one attempt is made from. The same value always gives the same files. */
export interface AttemptEvidence {
  readonly input: EffectInput<'recordAttempt'>
  /** The decision of `input.startGate`; null where nobody was asked. */
  readonly startDecision: StartDecision | null
  /** The keeper's own files; null where no keeper was started. */
  readonly keeper: {
    readonly specFile: string
    readonly stdoutFile: string
    readonly stderrFile: string
  } | null
  /** `git diff` of base..work as our own git wrote it; null where there is no commit. */
  readonly diffPatchFile: string | null
  /** False where what the agent used has no price that anybody knows. */
  readonly isCostKnown: boolean
  readonly journal: JournalPosition
  readonly gateTrust: GateTrust
  /** Versions of what wrote this: `{'oc-supervise': '0.1.0', node: '24.0.0'}`. */
  readonly versions: Readonly<Record<string, string>>
  /** Secret values that must not be in any file. */
  readonly secrets: readonly string[]
}

/** The instance key as evidence uses it: Ed25519. */
export interface EvidenceSigner {
  /** SHA-256 of the public key in DER form; names the key in envelopes. */
  readonly keyId: string
  readonly publicKey: KeyObject
  sign(bytes: Uint8Array): Uint8Array
}
