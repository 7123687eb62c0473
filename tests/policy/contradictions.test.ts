import { describe, expect, test } from 'vitest'
import type { RepoConfig } from '../../src/contracts/compiled-manifest.ts'
import { contradictions } from '../../src/policy/contradictions.ts'
import { repo } from './samples.ts'

const found = (change: Partial<RepoConfig>): string[] =>
  contradictions({ repos: { api: repo(change) } }).map(({ at }) => at.slice(2).join('.'))
const review = (change: Partial<RepoConfig['review']>) => ({ review: { ...repo().review, ...change } })

describe('contradictions', () => {
  test.each<[string, Partial<RepoConfig>, string[]]>([
    ['none', {}, []],
    ['an exception inside what is allowed', { allowedPaths: ['src/**'], blockedPaths: ['src/x/**'] }, []],
    ['the same path', { allowedPaths: ['src/**'], blockedPaths: ['src/**'] }, ['allowed_paths.0']],
    [
      'the same path, written otherwise',
      { allowedPaths: ['src/**'], blockedPaths: ['src/'] },
      ['allowed_paths.0'],
    ],
    ['one of several', { allowedPaths: ['docs', 'src/x'], blockedPaths: ['src/**'] }, ['allowed_paths.1']],
    ['allowed, but blocked by us', { allowedPaths: ['.ssh/config'] }, ['allowed_paths.0']],
    ['review of what is blocked', { reviewPaths: ['a/b'], blockedPaths: ['a'] }, ['review_paths.0']],
    ['review around what is blocked', { reviewPaths: ['a'], blockedPaths: ['a/b'] }, []],
    ['everything blocked', { blockedPaths: ['x', '**'] }, ['blocked_paths.1']],
    ['auto merge with a check', { merge: 'auto' }, []],
    ['auto merge without', { merge: 'auto', checks: [] }, ['merge']],
    [
      'auto merge against explicit approval',
      { merge: 'auto', ...review({ requireExplicitApproval: true }) },
      ['merge'],
    ],
    ['silence merges, with a check', review({ onHumanTimeout: 'merge' }), []],
    [
      'silence merges, without',
      { checks: [], ...review({ onHumanTimeout: 'merge' }) },
      ['review.on_human_timeout'],
    ],
    [
      'silence merges against explicit approval',
      review({ onHumanTimeout: 'merge', requireExplicitApproval: true }),
      ['review.on_human_timeout'],
    ],
    ['silence reminds under explicit approval', review({ requireExplicitApproval: true }), []],
  ])('%s', (_name, change, expected) => {
    expect(found(change)).toEqual(expected)
  })
})
