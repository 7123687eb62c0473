import { canonicalJson } from '../src/contracts/canonical-json.ts'
import { ChildSpec } from '../src/contracts/child-spec.ts'
import { JsonValue } from '../src/contracts/json.ts'
import { sha256 } from '../src/platform/sha256.ts'

/** Names a child spec by its content: a running child whose spec hash is unchanged is never touched by a reload. */
export const specHash = (spec: ChildSpec): string => sha256(canonicalJson(JsonValue.parse(spec)))

/**
 * Checks specs as one set.
 * @throws Error naming the child when a spec is malformed or an id appears twice.
 */
export const checkSpecs = (specs: readonly ChildSpec[]): ChildSpec[] => {
  const seen = new Set<string>()
  return specs.map((spec) => {
    const parsed = ChildSpec.safeParse(spec)
    if (!parsed.success) {
      const places = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
      throw new Error(`child spec ${spec.id} is not valid: ${places.join('; ')}; correct it in the manifest`)
    }
    if (seen.has(spec.id)) throw new Error(`two child specs have the id ${spec.id}; give each its own`)
    seen.add(spec.id)
    return parsed.data
  })
}
