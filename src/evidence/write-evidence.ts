import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson } from '../contracts/canonical-json.ts'
import { readJsonFile } from '../platform/atomic-file.ts'
import { sha256 } from '../platform/sha256.ts'
import type { AttemptEvidence, EvidenceSigner } from './attempt-evidence.ts'
import { planAttemptFiles } from './attempt-files.ts'
import { AttemptResult } from './attempt-result.ts'
import { attemptStatement } from './attestation.ts'
import { buildResult } from './build-result.ts'
import { signEnvelope } from './dsse.ts'
import { EvidenceConflictError } from './evidence-error.ts'
import { EvidenceIndex } from './evidence-index.ts'
import { createRedactor, type Redactor } from './redact.ts'
import { redactJson } from './redact-json.ts'
import { jsonBytes, type RenderedFile, renderFile } from './render-files.ts'
import { verifyEvidence } from './verify-evidence.ts'
import { writeFolder } from './write-folder.ts'
import { writeRunFiles } from './write-run-files.ts'

/** Where evidence went. `attestationHash` is the SHA-256 of the attempt's attestation.json. */
export interface WrittenEvidence {
  readonly dir: string
  readonly attestationHash: string
}

/**
 * Writes the evidence of one attempt to `<runsDir>/<run>/<attempt>/` and brings the run's own files up to date. Safe to
 * repeat: a folder that is there and intact is kept as it is.
 * @throws EvidenceConflictError when the folder is there but altered, or made from other facts.
 */
export const writeEvidence = async (
  runsDir: string,
  evidence: AttemptEvidence,
  signer: EvidenceSigner,
): Promise<WrittenEvidence> => {
  const { runId, attemptId } = evidence.input
  const runDir = join(runsDir, runId)
  const dir = join(runDir, attemptId)
  const inputHash = sha256(canonicalJson(evidence.input))
  if (existsSync(dir)) requireSame(dir, inputHash, signer)
  else
    await writeFolder(
      dir,
      join(runsDir, `.writing-${attemptId}`),
      await renderAttempt(evidence, inputHash, signer),
    )
  await writeRunFiles(runsDir, runId, evidence, signer)
  return { dir, attestationHash: sha256(await readFile(join(dir, 'attestation.json'))) }
}

/** All files of an attempt's folder; the attestation, which covers the others, comes last. */
const renderAttempt = async (
  evidence: AttemptEvidence,
  inputHash: string,
  signer: EvidenceSigner,
): Promise<RenderedFile[]> => {
  const redactor = createRedactor(evidence.secrets)
  const result = redactedResult(evidence, redactor)
  const rows = []
  for (const { file, plan } of planAttemptFiles(evidence, result))
    rows.push(await renderFile(file, plan, redactor))
  const { runId, attemptId } = evidence.input
  const index: EvidenceIndex = { v: 1, runId, attemptId, inputHash, files: rows.map(({ entry }) => entry) }
  const files = rows.flatMap(({ rendered }) => (rendered === null ? [] : [rendered]))
  const covered = [...files, { file: 'index.json', bytes: jsonBytes(index) }]
  const statement = Buffer.from(canonicalJson(attemptStatement(evidence, result, covered)), 'utf8')
  return [...covered, { file: 'attestation.json', bytes: jsonBytes(signEnvelope(statement, signer)) }]
}

/** Redacted first, because the attestation's predicate is made of it too. */
const redactedResult = ({ input, isCostKnown }: AttemptEvidence, redactor: Redactor): AttemptResult =>
  AttemptResult.parse(redactJson(buildResult(input, isCostKnown), redactor).value)

const requireSame = (dir: string, inputHash: string, signer: EvidenceSigner): void => {
  const { problems } = verifyEvidence(dir, signer.publicKey)
  const index = readJsonFile(join(dir, 'index.json'), EvidenceIndex)
  if (problems.length === 0 && index.ok && index.value.inputHash === inputHash) return
  const what =
    problems.length === 0
      ? 'was made from other facts'
      : `is not intact (${problems.map(({ message }) => message).join('; ')})`
  throw new EvidenceConflictError(
    `the evidence in ${dir} ${what}; look at it, move the folder away, and retry the task`,
  )
}
