import type { KnownSecret } from '../../checks/secrets/known-secrets.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { EffectFailure } from '../../durable/effect.ts'
import type { Clock } from '../../platform/clock.ts'
import { readSecret } from '../../platform/read-secret.ts'

/** How long what was read counts: a secret that is a command may ask a person or a network for it. */
const KEPT_MS = 60_000

/** The secrets of a manifest as far as they are known, and those that are not. */
export interface SecretsRead {
  readonly known: readonly (KnownSecret & { readonly agent: string })[]
  readonly unread: readonly UnreadSecret[]
}

interface UnreadSecret {
  readonly agent: string
  readonly name: string
  /** Why, without its value. */
  readonly message: string
  /** True for a variable that is not set: nobody here has a value that could stand anywhere. */
  readonly isUnset: boolean
}

/**
 * Every secret the manifest names, with the place that names it, as it is now or was a minute ago. One that cannot be
 * read now but could before counts as it was.
 */
export const knownSecrets = (
  manifest: Pick<CompiledManifest, 'agents'>,
  clock: Clock,
): (() => Promise<SecretsRead>) => {
  const remembered = new Map<string, string>()
  let kept: { readonly atMs: number; readonly secrets: Promise<SecretsRead> } | null = null
  return async () => {
    const atMs = clock.monoMs()
    if (kept === null || atMs - kept.atMs > KEPT_MS) kept = { atMs, secrets: readAll(manifest, remembered) }
    const read = await kept.secrets
    // What could not be read is asked for again by whoever needs it next.
    if (read.unread.some(({ isUnset }) => !isUnset)) kept = null
    return read
  }
}

const readAll = async (
  { agents }: Pick<CompiledManifest, 'agents'>,
  remembered: Map<string, string>,
): Promise<SecretsRead> => {
  const named = Object.values(agents).flatMap((agent) =>
    Object.entries(agent.secrets).map(async ([variable, ref]) => {
      const name = `agents.${agent.key}.${variable}`
      const read = await readSecret(ref)
      if (read.ok) remembered.set(name, read.value)
      const value = remembered.get(name)
      const of = { agent: agent.key, name }
      if (value !== undefined) return { known: { ...of, value } }
      return { unread: { ...of, message: read.ok ? '' : read.message, isUnset: 'env' in ref } }
    }),
  )
  const all = await Promise.all(named)
  return {
    known: all.flatMap(({ known }) => known ?? []),
    unread: all.flatMap(({ unread }) => unread ?? []),
  }
}

/**
 * Nothing of ours may leave this machine, and nothing be kept as evidence, unlooked at.
 * @throws EffectFailure that names the secrets which cannot be looked for: tried again, then a refusal.
 */
export const mustBeKnown = (unread: readonly UnreadSecret[]): void => {
  if (unread.length === 0) return
  const which = unread.map(({ name, message }) => `${name} (${message})`).join(', ')
  throw new EffectFailure({
    class: 'infra_tooling',
    reason: `secrets that cannot be read cannot be looked for: ${which}`,
  })
}
