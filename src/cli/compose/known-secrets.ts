import type { KnownSecret } from '../../checks/secrets/known-secrets.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import type { Clock } from '../../platform/clock.ts'
import { readSecret } from '../../platform/read-secret.ts'

/** How long what was read counts: a secret that is a command may ask a person or a network for it. */
const KEPT_MS = 60_000

/**
 * Every secret the manifest names, with the place that names it, as it is now or was a minute ago. One that cannot be
 * read cannot be looked for; whoever needs it fails as `auth`.
 */
export const knownSecrets = (
  manifest: Pick<CompiledManifest, 'agents'>,
  clock: Clock,
): (() => Promise<readonly KnownSecret[]>) => {
  let kept: { readonly atMs: number; readonly secrets: Promise<readonly KnownSecret[]> } | null = null
  return () => {
    const atMs = clock.monoMs()
    if (kept === null || atMs - kept.atMs > KEPT_MS) kept = { atMs, secrets: readAll(manifest) }
    return kept.secrets
  }
}

const readAll = async ({ agents }: Pick<CompiledManifest, 'agents'>): Promise<KnownSecret[]> => {
  const named = Object.values(agents).flatMap((agent) =>
    Object.entries(agent.secrets).map(async ([name, ref]) => {
      const read = await readSecret(ref)
      return read.ok ? [{ name: `agents.${agent.key}.${name}`, value: read.value }] : []
    }),
  )
  return (await Promise.all(named)).flat()
}
