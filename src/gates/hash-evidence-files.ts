import { readFileSync } from 'node:fs'
import { sha256 } from '../platform/sha256.ts'

export type EvidenceHashes =
  | { readonly ok: true; readonly hashes: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Hashes the files an operator decided on (`--evidence-path`), in the order given. A path that cannot be read is refused. */
export const hashEvidenceFiles = (paths: readonly string[]): EvidenceHashes => {
  const hashes: string[] = []
  const problems: string[] = []
  for (const path of paths) {
    try {
      hashes.push(sha256(readFileSync(path)))
    } catch (error) {
      problems.push(
        `the evidence "${path}" cannot be read (${(error as NodeJS.ErrnoException).code}); give a file`,
      )
    }
  }
  return problems.length === 0 ? { ok: true, hashes } : { ok: false, problems }
}
