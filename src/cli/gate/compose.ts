import { writeFileSync } from 'node:fs'
import { GateDecision } from '../../contracts/gate.ts'
import { Key } from '../../contracts/ids.ts'
import {
  completeDecision,
  composeDecision,
  composeStatement,
  type GateChoice,
} from '../../gates/compose-decision.ts'
import { hashEvidenceFiles } from '../../gates/hash-evidence-files.ts'
import { signStatement } from '../../gates/sign-statement.ts'
import { sshKeygenRunner } from '../../gates/ssh-keygen-runner.ts'
import { statementBytes } from '../../gates/statement-bytes.ts'
import { systemClock } from '../../platform/clock.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { quoted } from '../print/visible.ts'
import { RefusedError, UsageError } from '../report-error.ts'
import type { DecisionOptions } from './decision-options.ts'
import { readSigned } from './read-signed.ts'
import type { StoredGate } from './stored-gate.ts'

export type Verdict = 'approved' | 'rejected'

/** A decision that its gate will accept. */
export interface ReadyDecision {
  readonly decision: GateDecision
  readonly signed: boolean
}

/** What a person chose, checked. @throws UsageError naming the option that is wrong. */
export const choiceOf = (verdict: Verdict, options: DecisionOptions): GateChoice => {
  const by = Key.safeParse(options.by ?? '')
  if (!by.success)
    throw new UsageError(
      `--by ${quoted(options.by ?? '')} is not an operator's name; it ${by.error.issues[0]?.message}`,
    )
  const note = noteOf(options)
  const evidence = hashEvidenceFiles(options.evidencePath ?? [])
  if (!evidence.ok) throw new UsageError(evidence.problems.join('; '))
  return {
    decision: verdict,
    by: by.data,
    note,
    evidenceHashes: evidence.hashes,
    nowMs: systemClock.wallMs(),
  }
}

/**
 * Signs a choice here, with `--key`.
 * @throws RefusedError `decision_refused` with the gate's own reason.
 */
export const signHere = async (
  layout: StateLayout,
  { opening }: StoredGate,
  choice: GateChoice,
  key: string | undefined,
): Promise<ReadyDecision> => {
  const runner = sshKeygenRunner({
    registrationsDir: layout.registrations,
    authSock: process.env.SSH_AUTH_SOCK ?? null,
  })
  const sign =
    key === undefined ? null : (statement: GateDecision['statement']) => signStatement(statement, key, runner)
  return accepted(await composeDecision(opening, choice, sign))
}

/**
 * Takes a decision that was signed elsewhere.
 * @throws UsageError where it says something else than the command, RefusedError where the gate would refuse it.
 */
export const takeSigned = (
  { opening }: StoredGate,
  verdict: Verdict,
  options: DecisionOptions,
): ReadyDecision => {
  const { statement = '', signature = '' } = options
  const decision = readSigned({ statement, signature }, noteOf(options))
  if (decision.statement.decision !== verdict) {
    throw new UsageError(
      `the statement says ${decision.statement.decision}, the command ${verdict}; use the one that is meant`,
    )
  }
  if (options.by !== undefined && options.by !== decision.statement.by) {
    throw new UsageError(
      `the statement is by ${decision.statement.by}, not by ${quoted(options.by)}; leave out --by`,
    )
  }
  return accepted(completeDecision(opening, decision, systemClock.wallMs()))
}

/**
 * Writes the statement that is to be signed elsewhere, exactly the bytes to sign.
 * @throws RefusedError where the gate would refuse it even signed, UsageError where the file cannot be written.
 */
export const writeStatement = ({ opening }: StoredGate, choice: GateChoice, path: string): void => {
  const statement = composeStatement(opening, choice)
  // Everything but the signature can be judged now: the gate is asked as if it took unsigned decisions.
  accepted(
    completeDecision(
      { ...opening, signing: 'optional' },
      { statement, note: choice.note, signature: null },
      choice.nowMs,
    ),
  )
  try {
    writeFileSync(path, statementBytes(statement), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'EEXIST' ? 'exists already; name a new file' : `cannot be written (${code})`
    throw new UsageError(`--statement-out ${quoted(path)} ${why}`)
  }
}

const noteOf = ({ note }: DecisionOptions): string => {
  const { note: schema } = GateDecision.shape
  if (schema.safeParse(note).success && note.isWellFormed()) return note
  throw new UsageError(
    `--note is ${note.isWellFormed() ? 'longer than 10000 characters' : 'not Unicode text'}; shorten it`,
  )
}

const accepted = (composed: Awaited<ReturnType<typeof composeDecision>>): ReadyDecision => {
  if (!composed.ok) throw new RefusedError('decision_refused', composed.reason)
  return { decision: GateDecision.parse(composed.decision), signed: composed.signed }
}
