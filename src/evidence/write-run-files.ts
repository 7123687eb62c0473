import { join } from 'node:path'
import { canonicalJson } from '../contracts/canonical-json.ts'
import type { AttemptEvidence, EvidenceSigner } from './attempt-evidence.ts'
import { runStatement } from './attestation.ts'
import { buildResultSummary } from './build-result-summary.ts'
import { buildRunMetadata } from './build-run-metadata.ts'
import { buildRunSummary } from './build-run-summary.ts'
import { signEnvelope } from './dsse.ts'
import { readAttempts } from './read-attempts.ts'
import { jsonBytes, type RenderedFile } from './render-files.ts'
import { weakestContainment } from './weakest-containment.ts'
import { replaceFiles } from './write-folder.ts'

/**
 * Brings `summary.json`, `result_summary.md`, `run_metadata.json` and `attestation.json` of a run's folder up to date
 * with the attempts in it. They are derived, so that a crash between two of them is healed by writing them again.
 * @throws EvidenceConflictError when an attempt's folder cannot be read.
 */
export const writeRunFiles = async (
  runsDir: string,
  runId: string,
  origin: Pick<AttemptEvidence, 'versions' | 'gateTrust' | 'journal'>,
  signer: EvidenceSigner,
): Promise<void> => {
  const runDir = join(runsDir, runId)
  const [first, ...more] = readAttempts(runDir)
  if (first === undefined) return
  const summary = buildRunSummary(first, ...more)
  const latest =
    [first, ...more].find(({ result }) => result.attemptId === summary.attempts.at(-1)?.attemptId) ?? first
  const files: RenderedFile[] = [
    { file: 'run_metadata.json', bytes: jsonBytes(buildRunMetadata(summary, latest.result)) },
    { file: 'summary.json', bytes: jsonBytes(summary) },
    { file: 'result_summary.md', bytes: Buffer.from(buildResultSummary(summary), 'utf8') },
  ]
  const attested = [first, ...more].map(({ result, attestationBytes }) => ({
    file: `${result.attemptId}/attestation.json`,
    bytes: attestationBytes,
  }))
  const containment = weakestContainment([first, ...more].map(({ result }) => result.containment))
  const statement = Buffer.from(
    canonicalJson(runStatement(origin, summary, containment, [...files, ...attested])),
    'utf8',
  )
  const attestation = { file: 'attestation.json', bytes: jsonBytes(signEnvelope(statement, signer)) }
  await replaceFiles(runDir, join(runsDir, `.writing-${runId}`), [...files, attestation])
}
