import type { KnownSecret } from '../../checks/secrets/known-secrets.ts'
import { scanChange } from '../../checks/secrets/scan-change.ts'
import type { RepositoryPort } from '../../effects/repository-port.ts'
import type { ScanSecretsPorts } from '../../effects/scan-secrets.ts'
import { matchesPath, pathPattern } from '../../policy/path-pattern.ts'
import type { changedBlobs } from '../../workspace/changed-blobs.ts'

interface Port extends RepositoryPort {
  /** Every secret of the manifest. */
  readonly secrets: () => Promise<readonly KnownSecret[]>
  readonly changedBlobs: typeof changedBlobs
}

/** Scans what a commit of the mirror adds to its base, by shape and for the manifest's own secrets. */
export const scanWork =
  (port: Port): ScanSecretsPorts['scan'] =>
  async ({ repo: key, sha, baseSha }) => {
    const repo = port.repo(key)
    const [change, secrets] = await Promise.all([
      port.changedBlobs({ mirror: port.layout.mirror(key), from: baseSha, to: sha }),
      port.secrets(),
    ])
    const meant = repo.secretPaths.map((text) => pathPattern(text, { ignoreCase: false }))
    return scanChange(change, secrets, (path) => meant.some((pattern) => matchesPath(pattern, path)))
  }
