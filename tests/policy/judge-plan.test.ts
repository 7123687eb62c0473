import { describe, expect, test } from 'vitest'
import type { Proposal } from '../../src/contracts/planning.ts'
import { PolicyDecision } from '../../src/contracts/policy-decision.ts'
import { judgePlan, type PlanContext } from '../../src/policy/judge-plan.ts'
import { decision, policy, proposal, repo, rules } from './samples.ts'

interface Change {
  readonly repo?: Parameters<typeof repo>[0]
  readonly policy?: Parameters<typeof policy>[0]
  readonly trust?: PlanContext['trust']
  readonly agentType?: string
}

const judge = (plan: Partial<Proposal>, change: Change = {}): PolicyDecision =>
  PolicyDecision.parse(
    judgePlan(proposal(plan), decision(change.agentType), {
      repo: repo(change.repo),
      policy: policy(change.policy),
      trust: change.trust ?? 'trusted',
    }),
  )

const explicit = { review: { ...repo().review, requireExplicitApproval: true } }

describe('judgePlan', () => {
  test.each<[string, Partial<Proposal>, Change, string[]]>([
    ['nothing special', {}, {}, []],

    ['local only, and we cannot know', { labels: ['local_only'] }, {}, ['routing.local_only_violated block']],
    ['no remote, and we cannot know', { labels: ['No_Remote '] }, {}, ['routing.local_only_violated block']],
    ['local only, and it is', { labels: ['local_only'] }, { agentType: 'recorded' }, []],

    ['the default branch', { baseBranch: 'main' }, { repo: { allowedBaseBranches: ['dev'] } }, []],
    [
      'another allowed branch',
      { baseBranch: 'release/1' },
      { repo: { allowedBaseBranches: ['release/*'] } },
      [],
    ],
    ['a branch that is not', { baseBranch: 'dev' }, {}, ['branch.base_branch_not_allowed block']],

    ['destructive', { labels: ['Force_Push'] }, {}, ['tool.destructive_blocked block']],

    ['no checks', { checks: [] }, {}, ['validation.recommended_unavailable warn']],
    [
      'no checks at high risk',
      { checks: [], risk: 'high' },
      {},
      ['validation.required_unavailable block', 'review.risk review'],
    ],

    ['a person is asked for', { labels: ['review_required'] }, {}, ['review.required review']],
    ['high risk', { risk: 'high' }, {}, ['review.risk review']],
    ['medium risk', { risk: 'medium' }, {}, []],
    [
      'a type that needs approval',
      { type: 'feature' },
      { policy: { requireApproval: { risk: [], taskTypes: ['feature'] } } },
      ['review.task_type review'],
    ],
    ['a type that does not', { type: 'feature' }, {}, []],
    ['agreed to before, by a trusted author', { risk: 'high', labels: ['source: autonomy'] }, {}, []],
    [
      'agreed to before, says an untrusted one',
      { risk: 'high', labels: ['source: autonomy'] },
      { trust: 'untrusted' },
      ['review.risk review', 'review.label_ignored warn'],
    ],
    [
      'agreed to before, where approval is explicit',
      { risk: 'high', labels: ['source: autonomy'] },
      { repo: explicit },
      ['review.risk review', 'review.label_ignored warn'],
    ],
    [
      'a label that skips never skips what a label asks',
      { labels: ['source: autonomy', 'review_required'] },
      {},
      ['review.required review'],
    ],
    [
      'anybody may ask for more care',
      { labels: ['review_required', 'local_only'] },
      { trust: 'untrusted' },
      ['routing.local_only_violated block', 'review.required review'],
    ],
  ])('%s', (_name, plan, change, expected) => {
    expect(rules(judge(plan, change))).toEqual(expected)
  })
})

describe('a declared scope', () => {
  test.each<[string, string[], Parameters<typeof repo>[0], string[]]>([
    ['none', [], { allowedPaths: ['src/**'] }, []],
    ['inside', ['src/api/**'], { allowedPaths: ['src/**'] }, []],
    ['outside', ['lib/**'], { allowedPaths: ['src/**'] }, ['path.outside_allowed block']],
    ['partly outside', ['**'], { allowedPaths: ['src/**'], blockedPaths: [] }, ['path.outside_allowed warn']],
    ['wholly blocked', ['infra/prod/**'], { blockedPaths: ['infra/**'] }, ['path.blocked block']],
    ['wholly blocked by a name at any depth', ['home/.ssh/config'], {}, ['path.blocked block']],
    ['wholly blocked in other case', ['.SSH/'], {}, ['path.blocked block']],
    ['partly blocked', ['infra/**'], { blockedPaths: ['infra/prod/**'] }, ['path.blocked warn']],
    ['wholly under review', ['.github/workflows/ci.yml'], {}, ['path.review_required review']],
    ['wholly under a name', ['deploy/Dockerfile'], {}, ['path.review_required review']],
    ['an ordinary folder', ['src/**'], {}, []],
  ])('%s', (_name, allowedPaths, change, expected) => {
    const found = rules(judge({ allowedPaths }, { repo: change }))
    expect(
      found.filter((rule) => !(allowedPaths[0] === '**' && rule === 'path.review_required warn')),
    ).toEqual(expected)
  })

  test('everything touches the rules that have a place', () => {
    const { status, findings } = judge({ allowedPaths: ['**'] })
    expect(status).toBe('allow_with_warnings')
    expect(findings.map(({ message }) => message)).toContain(
      'changes to .github/workflows/, a part of the declared scope **, wait for a person',
    )
  })

  test('two hundred long patterns are judged quickly', () => {
    const allowedPaths = Array.from({ length: 200 }, () => '*a'.repeat(249))
    const started = performance.now()
    judge({ allowedPaths }, { repo: { blockedPaths: ['x/**', 'y/*z'] } })
    expect(performance.now() - started).toBeLessThan(3000)
  })
})
