import { describe, expect, test } from 'vitest'
import type { PolicyConfig, RepoConfig } from '../../src/contracts/compiled-manifest.ts'
import type { LaneName } from '../../src/contracts/lane-name.ts'
import type { Proposal } from '../../src/contracts/planning.ts'
import { TAMPERING_MODES, type TamperingReport } from '../../src/contracts/tampering.ts'
import { judgeWork } from '../../src/policy/judge-work.ts'
import { file, policy, proposal, repo, rules } from './samples.ts'

const REPORT: TamperingReport = {
  found: [
    {
      rule: 'tampering.test_skipped',
      concerns: 'tests',
      path: 'a.test.js',
      line: 1,
      message: 'a.test.js:1 is skipped',
    },
    {
      rule: 'tampering.ci_edited',
      concerns: 'checks',
      path: '.ci/run',
      line: null,
      message: '.ci/run decides',
    },
  ],
  judges: ['a.test.js', '.ci/run'],
}

interface Case {
  readonly repo?: Partial<RepoConfig>
  readonly policy?: Partial<PolicyConfig>
  readonly proposal?: Partial<Proposal>
  readonly lane?: LaneName
}

const judge = (change: Case = {}) =>
  judgeWork(
    proposal(change.proposal),
    { changed: { status: 'KNOWN', source: 'git', files: [file('a.test.js'), file('.ci/run')] } },
    {
      repo: repo(change.repo),
      policy: policy(change.policy),
      lane: change.lane ?? 'goal',
      tampering: REPORT,
    },
  )

describe('what a finding does', () => {
  test.each([
    ['block', 'block'],
    ['review', 'require_review'],
    ['warn', 'allow_with_warnings'],
    ['off', 'allow'],
  ] as const)('%s: %s', (mode, status) => {
    expect(judge({ policy: { tampering: mode } }).status).toBe(status)
    expect(judge({ policy: { tampering: 'block' }, repo: { tampering: mode } }).status).toBe(status)
    expect(judge({ policy: { tampering: 'off' }, repo: { tampering: mode } }).status).toBe(status)
  })

  test('every finding is there, with its rule and its place', () => {
    expect(judge().findings).toEqual([
      {
        rule: 'tampering.test_skipped',
        effect: 'block',
        message: 'a.test.js:1 is skipped',
        path: 'a.test.js',
      },
      { rule: 'tampering.ci_edited', effect: 'block', message: '.ci/run decides', path: '.ci/run' },
    ])
  })
})

describe('who may change tests', () => {
  const leave: ReadonlyArray<readonly [string, Case]> = [
    ['the lane test', { lane: 'test' }],
    ['a task of type test_write', { proposal: { type: 'test_write' } }],
    ['the label', { proposal: { labels: ['repo: app', 'Allow-Test-Changes '] } }],
  ]

  test.each(leave)(
    '%s: a person looks at tests, everything else stays refused, nothing is put back',
    (_, change) => {
      const judged = judge(change)
      expect(rules(judged)).toEqual(['tampering.test_skipped review', 'tampering.ci_edited block'])
      expect(judged.restore).toEqual([])
    },
  )

  test.each(leave)('%s, on the word of nobody trusted: no', (_, change) => {
    const judged = judge({ ...change, proposal: { ...change.proposal, trust: 'untrusted' } })
    expect(rules(judged)).toEqual(['tampering.test_skipped block', 'tampering.ci_edited block'])
    expect(judged.restore).toEqual(REPORT.judges)
  })

  test.each(leave)('%s loosens nothing that is looser already', (_, change) => {
    for (const mode of TAMPERING_MODES.filter((each) => each !== 'block' && each !== 'off'))
      expect(rules(judge({ ...change, policy: { tampering: mode } }))).toEqual([
        `tampering.test_skipped ${mode}`,
        `tampering.ci_edited ${mode}`,
      ])
  })
})

test.each([
  [true, null, true],
  [false, null, false],
  [true, false, false],
  [false, true, true],
])('put back: policy %s, repository %s → %s', (general, own, expected) => {
  const { restore } = judge({
    policy: { restoreTests: general, tampering: 'off' },
    repo: { restoreTests: own },
  })
  expect(restore).toEqual(expected ? REPORT.judges : [])
})
