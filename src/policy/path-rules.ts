import type { RepoConfig } from '../contracts/compiled-manifest.ts'
import { DEFAULT_POSTURE } from './default-posture.ts'
import { matchesPath, type PathPattern, pathPattern } from './path-pattern.ts'
import { covers } from './pattern-relation.ts'

/** One rule that protects paths: a repository's own or a built-in one. */
export interface PathRule {
  /** As it was written. */
  readonly text: string
  readonly pattern: PathPattern
  readonly effect: 'block' | 'review'
  /** Completes "… because it". */
  readonly because: string
}

/** Every rule of a repository, blocks first: the first that matches decides. */
export const pathRules = (
  repo: Pick<RepoConfig, 'key' | 'blockedPaths' | 'reviewPaths'>,
): readonly PathRule[] => {
  const own = (texts: readonly string[], effect: 'block' | 'review', key: string): PathRule[] =>
    texts.map((text) => ({
      text,
      pattern: pathPattern(text, { ignoreCase: true }),
      effect,
      because: `is in repos.${repo.key}.${key}`,
    }))
  const rules = [
    ...own(repo.blockedPaths, 'block', 'blocked_paths'),
    ...own(repo.reviewPaths, 'review', 'review_paths'),
    ...BUILT_IN,
  ]
  return [
    ...rules.filter(({ effect }) => effect === 'block'),
    ...rules.filter(({ effect }) => effect === 'review'),
  ]
}

/** The rule that decides about a path, or null where none speaks. */
export const ruleFor = (rules: readonly PathRule[], path: string): PathRule | null =>
  rules.find(({ pattern }) => matchesPath(pattern, path)) ?? null

/**
 * The rule that decides about all a scope's pattern takes in, or null. A pattern without wildcards may be a file or a
 * folder; the rule of the file is enough.
 */
export const ruleCovering = (rules: readonly PathRule[], scope: string): PathRule | null => {
  const inner = pathPattern(scope, { ignoreCase: true })
  const isName = !/[*?]/.test(scope)
  return (
    rules.find(({ pattern }) => covers(pattern, inner) || (isName && matchesPath(pattern, scope))) ?? null
  )
}

const BUILT_IN: readonly PathRule[] = DEFAULT_POSTURE.map(({ pattern, effect, because }) => ({
  text: pattern,
  pattern: pathPattern(pattern, { ignoreCase: true }),
  effect,
  because,
}))
