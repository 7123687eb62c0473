import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AttemptId } from '../contracts/ids.ts'
import { readJsonFile } from '../platform/atomic-file.ts'
import { sha256 } from '../platform/sha256.ts'
import { AttemptResult } from './attempt-result.ts'
import type { RecordedAttempt } from './build-run-summary.ts'
import { EvidenceConflictError } from './evidence-error.ts'

/**
 * Reads the attempts in a run's folder, sorted by their ids.
 * @throws EvidenceConflictError when an attempt's folder is not whole.
 */
export const readAttempts = (runDir: string): Array<RecordedAttempt & { attestationBytes: Buffer }> =>
  attemptFolders(runDir).map((name) => {
    const dir = join(runDir, name)
    const result = readJsonFile(join(dir, 'result.json'), AttemptResult)
    const attestation = join(dir, 'attestation.json')
    if (!result.ok || !existsSync(attestation)) {
      const what = result.ok ? `${attestation} is missing` : result.message
      throw new EvidenceConflictError(
        `the evidence in ${dir} is not whole (${what}); look at it and move the folder away`,
      )
    }
    const attestationBytes = readFileSync(attestation)
    return { result: result.value, attestation: sha256(attestationBytes), attestationBytes }
  })

/** Names of the attempt folders in a run's folder, sorted; none where there is no such folder. */
export const attemptFolders = (runDir: string): string[] =>
  existsSync(runDir)
    ? readdirSync(runDir, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && AttemptId.safeParse(entry.name).success)
        .map((entry) => entry.name)
        .sort()
    : []
