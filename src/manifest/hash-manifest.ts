import { canonicalJson } from '../contracts/canonical-json.ts'
import type { CompiledManifest } from '../contracts/compiled-manifest.ts'
import type { JsonValue } from '../contracts/json.ts'
import { sha256 } from '../platform/sha256.ts'

/**
 * The hash identifies behaviour: two manifests that do the same have the same one, whether a default is written out
 * or a minute is spelled `60s`. Where the file and the state lie is no behaviour and does not count. Secrets count by
 * their reference.
 */
export const hashManifest = (manifest: Omit<CompiledManifest, 'hash'>): string => {
  const { path, stateDir, hash, ...behaviour } = manifest as CompiledManifest
  return sha256(canonicalJson(behaviour as unknown as JsonValue))
}
