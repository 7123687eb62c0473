import { scanWithinLimits } from '../../checks/secrets/scan-within-limits.ts'
import type { RepositoryPort } from '../../effects/repository-port.ts'
import type { ScanSecretsPorts } from '../../effects/scan-secrets.ts'
import { matchesPath, pathPattern } from '../../policy/path-pattern.ts'
import type { changedBlobs } from '../../workspace/changed-blobs.ts'
import { mustBeKnown, type SecretsRead } from './known-secrets.ts'

interface Port extends RepositoryPort {
  /** Every secret of the manifest. */
  readonly secrets: () => Promise<SecretsRead>
  /** Whether some lane runs an agent: another one cannot have put its secrets anywhere. */
  readonly isUsed: (agent: string) => boolean
  readonly changedBlobs: typeof changedBlobs
}

/**
 * Scans what a commit of the mirror adds to its base, by shape and for the manifest's own secrets.
 * @throws EffectFailure where one of those cannot be read: what was not looked for is not pushed.
 */
export const scanWork =
  (port: Port): ScanSecretsPorts['scan'] =>
  async ({ repo: key, sha, baseSha }) => {
    const repo = port.repo(key)
    const [change, { known, unread }] = await Promise.all([
      port.changedBlobs({ mirror: port.layout.mirror(key), from: baseSha, to: sha }),
      port.secrets(),
    ])
    mustBeKnown(unread.filter(({ agent, isUnset }) => !isUnset && port.isUsed(agent)))
    const meant = repo.secretPaths.map((text) => pathPattern(text, { ignoreCase: false }))
    return scanWithinLimits(change, known, (path) => meant.some((pattern) => matchesPath(pattern, path)))
  }
