import type { CompiledManifest, RepoConfig } from '../contracts/compiled-manifest.ts'
import { pathPattern } from './path-pattern.ts'
import { type PathRule, pathRules, ruleCovering } from './path-rules.ts'
import { covers } from './pattern-relation.ts'

/** Rules of a manifest that cannot both be meant, at the key that should change. */
export interface Contradiction {
  readonly at: readonly (string | number)[]
  readonly message: string
  readonly remedy: string
}

/** Finds them all; a manifest that has one is not run. */
export const contradictions = ({ repos }: Pick<CompiledManifest, 'repos'>): Contradiction[] =>
  Object.values(repos).flatMap((repo) => [
    ...pathsAllowedAndBlocked(repo),
    ...reviewsNeverReached(repo),
    ...nothingLeftToAllow(repo),
    ...mergingWithoutProof(repo),
  ])

/** The same pattern, or a narrower one, on both lists: an allowed path could never be changed. */
const pathsAllowedAndBlocked = (repo: RepoConfig): Contradiction[] =>
  repo.allowedPaths.flatMap((text, index) => {
    const blocking = blockOf(repo, text)
    return blocking === null
      ? []
      : [
          {
            at: ['repos', repo.key, 'allowed_paths', index],
            message: `${text} is allowed, but also blocked: ${blocking.text} ${blocking.because}`,
            remedy: 'remove it from one of the two',
          },
        ]
  })

const nothingLeftToAllow = (repo: RepoConfig): Contradiction[] => {
  const everything = pathPattern('**', { ignoreCase: true })
  const index = repo.blockedPaths.findIndex((text) =>
    covers(pathPattern(text, { ignoreCase: true }), everything),
  )
  return index < 0
    ? []
    : [
        {
          at: ['repos', repo.key, 'blocked_paths', index],
          message: `${repo.blockedPaths[index]} blocks every path, so that no work could ever be accepted`,
          remedy: 'name only what must not change',
        },
      ]
}

const reviewsNeverReached = (repo: RepoConfig): Contradiction[] =>
  repo.reviewPaths.flatMap((text, index) => {
    const blocking = blockOf(repo, text)
    return blocking === null
      ? []
      : [
          {
            at: ['repos', repo.key, 'review_paths', index],
            message: `${text} is to be reviewed, but ${blocking.text} is blocked and wins`,
            remedy: 'remove it from one of the two',
          },
        ]
  })

const blockOf = (repo: RepoConfig, text: string): PathRule | null =>
  ruleCovering(
    pathRules(repo).filter(({ effect }) => effect === 'block'),
    text,
  )

/** Nothing merges without a person unless something proves it, and never where a person was asked for. */
const mergingWithoutProof = ({ key, merge, checks, review }: RepoConfig): Contradiction[] => {
  const merging = { at: ['repos', key, 'merge'], message: 'is auto' }
  const silence = { at: ['repos', key, 'review', 'on_human_timeout'], message: 'is merge' }
  const ways = [
    ...(merge === 'auto' ? [merging] : []),
    ...(review.onHumanTimeout === 'merge' ? [silence] : []),
  ]
  return ways.flatMap(({ at, message }) => [
    ...(checks.length === 0
      ? [
          {
            at,
            message: `${message}, but there is no check that could prove the work`,
            remedy: `add one under repos.${key}.checks, or leave merging to people`,
          },
        ]
      : []),
    ...(review.requireExplicitApproval
      ? [
          {
            at,
            message: `${message}, but review.require_explicit_approval wants a person to agree`,
            remedy: 'remove one of the two',
          },
        ]
      : []),
  ])
}
