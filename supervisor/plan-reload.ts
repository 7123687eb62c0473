import type { ChildSpec } from '../src/contracts/child-spec.ts'
import { specHash } from './spec-hash.ts'
import type { ReloadDiff } from './supervisor-api.ts'

/** What differs between two sets of specs, by id and spec hash; everything else is left alone. */
export const planReload = (before: readonly ChildSpec[], after: readonly ChildSpec[]): ReloadDiff => {
  const old = new Map(before.map((spec) => [spec.id, specHash(spec)]))
  const fresh = new Map(after.map((spec) => [spec.id, specHash(spec)]))
  return {
    added: [...fresh.keys()].filter((id) => !old.has(id)),
    removed: [...old.keys()].filter((id) => !fresh.has(id)),
    changed: [...fresh].filter(([id, hash]) => old.has(id) && old.get(id) !== hash).map(([id]) => id),
  }
}
