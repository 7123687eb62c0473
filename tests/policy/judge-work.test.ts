import { describe, expect, test } from 'vitest'
import { PolicyDecision } from '../../src/contracts/policy-decision.ts'
import type { ChangedFile, ChangedFiles } from '../../src/contracts/work.ts'
import { judgeWork, type WorkContext } from '../../src/policy/judge-work.ts'
import { file, policy, proposal, repo, rules } from './samples.ts'

interface Change {
  readonly repo?: Parameters<typeof repo>[0]
  readonly policy?: Parameters<typeof policy>[0]
  readonly allowedPaths?: string[]
}

const judge = (files: readonly ChangedFile[], change: Change = {}): PolicyDecision => {
  const changed: ChangedFiles = { status: 'KNOWN', source: 'git', files: [...files] }
  const context: WorkContext = {
    repo: repo(change.repo),
    policy: policy(change.policy),
    lane: 'goal',
    tampering: { found: [], judges: [] },
  }
  return PolicyDecision.parse(
    judgeWork(proposal({ allowedPaths: change.allowedPaths ?? [] }), { changed }, context),
  )
}

describe('judgeWork', () => {
  test.each<[string, ChangedFile, Change, string[]]>([
    ['an ordinary file', file('src/a.ts'), {}, []],
    ['a deleted file', file('src/a.ts', { change: 'deleted', kind: 'none' }), {}, []],

    ['inside the scope', file('src/a.ts'), { repo: { allowedPaths: ['src/**'] } }, []],
    [
      'outside the scope',
      file('lib/a.ts'),
      { repo: { allowedPaths: ['src/**'] } },
      ['path.outside_allowed block'],
    ],
    [
      'deleting outside the scope',
      file('lib/a.ts', { change: 'deleted', kind: 'none' }),
      { repo: { allowedPaths: ['src/**'] } },
      ['path.outside_allowed block'],
    ],
    [
      'the scope minds case',
      file('SRC/a.ts'),
      { repo: { allowedPaths: ['src/**'] } },
      ['path.outside_allowed block'],
    ],
    [
      'outside the task’s scope',
      file('src/b.ts'),
      { allowedPaths: ['src/a.ts'] },
      ['path.outside_allowed block'],
    ],
    [
      'a task cannot widen the scope',
      file('lib/a.ts'),
      { repo: { allowedPaths: ['src/**'] }, allowedPaths: ['lib/**'] },
      ['path.outside_allowed block'],
    ],

    ['blocked', file('infra/a.tf'), { repo: { blockedPaths: ['infra/'] } }, ['path.blocked block']],
    [
      'blocked in other case',
      file('INFRA/a.tf'),
      { repo: { blockedPaths: ['infra/'] } },
      ['path.blocked block'],
    ],
    ['not blocked', file('infrastructure/a'), { repo: { blockedPaths: ['infra/'] } }, []],
    [
      'blocked wins over allowed and review',
      file('src/x/a'),
      { repo: { allowedPaths: ['src/**'], reviewPaths: ['src/**'], blockedPaths: ['src/x'] } },
      ['path.blocked block'],
    ],
    ['built-in block at the root', file('.ssh/id_rsa'), {}, ['path.blocked block']],
    ['built-in block below', file('home/x/.gnupg/a'), {}, ['path.blocked block']],
    ['review', file('db/1.sql'), { repo: { reviewPaths: ['db/**'] } }, ['path.review_required review']],
    [
      'a task cannot unblock',
      file('.ssh/config'),
      { repo: { allowedPaths: ['**'] }, allowedPaths: ['.ssh/**'] },
      ['path.blocked block'],
    ],

    ['a symbolic link', file('src/a', { kind: 'symlink', change: 'added' }), {}, ['path.symlink review']],
    [
      'a file that became a link',
      file('src/a', { kind: 'symlink', change: 'type_changed' }),
      {},
      ['path.symlink review'],
    ],
    ['a link that went', file('src/a', { kind: 'none', change: 'deleted' }), {}, []],
    [
      'a link where the scope’s folder was',
      file('src', { kind: 'symlink', change: 'added' }),
      { repo: { allowedPaths: ['src/**'] } },
      ['path.symlink review'],
    ],
    ['a submodule', file('vendor/x', { kind: 'submodule', change: 'added' }), {}, ['path.submodule block']],
    ['a submodule that moved', file('vendor/x', { kind: 'submodule' }), {}, ['path.submodule block']],
    [
      'a new executable',
      file('run.sh', { kind: 'executable', change: 'added' }),
      {},
      ['path.executable warn'],
    ],
    ['an edited executable', file('run.sh', { kind: 'executable' }), {}, []],
    [
      'only the mode',
      file('run.sh', { kind: 'executable', linesAdded: 0, linesRemoved: 0 }),
      {},
      ['path.mode_changed warn'],
    ],
    ['a link that became a file', file('a', { change: 'type_changed' }), {}, ['path.type_changed warn']],

    ['git’s folder', file('.git/config'), {}, ['path.git_dir block']],
    ['git’s folder below, in other case', file('a/.GIT/hooks/x'), {}, ['path.git_dir block']],
    ['git’s folder with a trailing dot', file('.git./x'), {}, ['path.git_dir block']],
    ['git’s folder by its short name', file('git~1/x'), {}, ['path.git_dir block']],
    ['git’s folder by an ignored character', file('.g\u200cit/x'), {}, ['path.git_dir block']],
    ['git’s folder by a stream', file('.git::$INDEX_ALLOCATION/x'), {}, ['path.git_dir block']],
    ['git’s folder behind a backslash', file('a\\.git\\x'), {}, ['path.git_dir block']],
    ['a file beside git', file('.gitignore'), {}, []],
    ['up and out', file('../a'), {}, ['path.invalid block']],
    ['absolute', file('/etc/passwd'), {}, ['path.invalid block']],

    ['as many files as allowed', file('a'), { policy: { maxChangedFiles: 1 } }, []],
    ['as many lines as allowed', file('a'), { policy: { maxChangedLines: 2 } }, []],
    ['a line too many', file('a'), { policy: { maxChangedLines: 1 } }, ['size.max_changed_lines block']],
    [
      'lines nobody can count',
      file('a.png', { linesAdded: null, linesRemoved: null }),
      { policy: { maxChangedLines: 9 } },
      ['size.lines_unknown review'],
    ],
    ['lines nobody need count', file('a.png', { linesAdded: null, linesRemoved: null }), {}, []],
  ])('%s', (_name, changed, change, expected) => {
    expect(rules(judge([changed], change))).toEqual(expected)
  })

  test('a file too many', () => {
    expect(rules(judge([file('a'), file('b')], { policy: { maxChangedFiles: 1 } }))).toEqual([
      'size.max_changed_files block',
    ])
  })

  test('a rename shows both its names', () => {
    const files = [file('src/a', { change: 'deleted', kind: 'none' }), file('infra/a', { change: 'added' })]
    expect(rules(judge(files, { repo: { allowedPaths: ['src/'] } }))).toEqual(['path.outside_allowed block'])
  })

  test.each<[string, ChangedFiles, string, string[]]>([
    ['nothing changed', { status: 'NONE', source: 'git' }, 'allow', []],
    ['unknown', { status: 'UNKNOWN', reason: 'no index' }, 'block', ['path.changed_files_unknown block']],
    ['not measured', { status: 'NOT_APPLICABLE' }, 'block', ['path.changed_files_unknown block']],
  ])('%s', (_name, changed, status, expected) => {
    const result = judgeWork(
      proposal(),
      { changed },
      { repo: repo(), policy: policy(), lane: 'goal', tampering: { found: [], judges: [] } },
    )
    expect(result.status).toBe(status)
    expect(rules(result)).toEqual(expected)
  })

  test('ten thousand findings are not written down, but counted', () => {
    const files = Array.from({ length: 10_000 }, (_, index) => file(`lib/${index}`))
    const { findings, summary } = judge(files, { repo: { allowedPaths: ['src/'] } })
    expect(findings).toHaveLength(51)
    expect(findings.at(-1)?.message).toBe('9950 more meet the rule path.outside_allowed')
    expect(summary).toBe('BLOCKED: lib/0 was changed outside repos.api.allowed_paths (and 9999 more)')
  })

  test('control characters of a file name stay out of sentences', () => {
    const { summary } = judge([file('lib/\u001b[31m\n')], { repo: { allowedPaths: ['src/'] } })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(summary).not.toMatch(/[\u0000-\u001f]/)
  })
})
