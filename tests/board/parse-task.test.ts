import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidTaskText } from '../../src/board/invalid-task-text.ts'
import { parseTask, type TaskText } from '../../src/board/parse-task.ts'
import { TaskSpec } from '../../src/contracts/task.ts'

const parse = (text: string, changes: Partial<TaskText> = {}) =>
  parseTask({
    id: 'task-1',
    title: 'A title',
    text,
    labels: [],
    author: 'ada',
    trust: 'trusted',
    createdAtMs: 1,
    parent: null,
    ...changes,
  })

const problem = (text: string, changes: Partial<TaskText> = {}): string => {
  try {
    parse(text, changes)
  } catch (error) {
    if (error instanceof InvalidTaskText) return error.message
    throw error
  }
  return 'no error'
}

const WHOLE = `Some words before.

## Goal
Fix the thing.

\`\`\`md
## Execution
not: a section
depends_on: task-fenced
\`\`\`

### Details
more

## Constraints
- keep it small
- depends_on: task-a, task-b

## Execution
\`\`\`yaml
repo: api
base_branch: release/1.2
mode: test
allowed_paths: src/**
type: bug_fix
risk: high
verify: true
priority: urgent
depends_on: [task-c]
\`\`\`

## Provenance
somebody said so
`

describe('parseTask', () => {
  test('understands all of a text; headings and lines in code fences are only text', () => {
    const spec = parse(WHOLE)
    expect(spec).toMatchObject({
      title: 'A title',
      repo: 'api',
      kind: 'test',
      baseBranch: 'release/1.2',
      allowedPaths: ['src/**'],
      type: 'bug_fix',
      risk: 'high',
      verify: true,
      priority: 'urgent',
      dependsOn: ['task-c', 'task-a', 'task-b'],
      constraints: '- keep it small\n- depends_on: task-a, task-b',
    })
    expect(spec.goal).toMatch(/^Fix the thing\.\n\n```md\n## Execution\nnot: a section[\s\S]*more$/)
  })

  test('defaults, with everything but the known sections as the goal', () => {
    expect(parse('Do it.\n\n## Context\nbecause\n\n## Execution\nrepo: api\n')).toMatchObject({
      goal: 'Do it.\n\n## Context\nbecause',
      kind: 'goal',
      constraints: null,
      baseBranch: null,
      allowedPaths: [],
      priority: 'normal',
      type: 'unknown',
      risk: 'medium',
      verify: false,
      dependsOn: [],
    })
  })

  test('CRLF, closing hashes, other case and a byte order mark', () => {
    expect(parse('\ufeff## goal ##\r\nDo it.\r\n## EXECUTION\r\nrepo: api\r\n').goal).toBe('Do it.')
  })

  test.each([
    ['# The heading\n\nDo it.', 'The heading'],
    ['## Goal\n**Do** it.\nNow.', 'Do it.'],
    ['## Goal\n```\ncode\n```\nreally', 'code'],
  ])('a title of %j', (text, title) => {
    expect(parse(text, { title: null, labels: ['repo: api'] }).title).toBe(title)
  })

  test('labels', () => {
    const labels = [
      'repo: api',
      'task-kind: improve',
      'priority: high',
      'base-branch: next',
      'other: thing',
      'plain',
    ]
    expect(parse('Do it.', { labels })).toMatchObject({
      repo: 'api',
      kind: 'improve',
      priority: 'high',
      baseBranch: 'next',
      labels,
    })
    expect(parse('Do it.', { labels, trust: 'untrusted' })).toMatchObject({
      repo: 'api',
      priority: 'normal',
      baseBranch: null,
      labels,
    })
  })

  test('a trusted label wins over the text; the two must agree on repository and kind', () => {
    const text = 'Do it.\n## Execution\nrepo: api\npriority: low\nkind: test\n'
    expect(parse(text, { labels: ['priority: high', 'repo: api'] }).priority).toBe('high')
    expect(problem(text, { labels: ['repo: web'] })).toBe(
      'repo: a label says web and ## Execution says api; keep one',
    )
    expect(problem(text, { labels: ['task-kind: goal'] })).toContain('kind: a label says goal')
  })

  test.each([
    ['low', 'trusted', 'low'],
    ['low', 'untrusted', 'medium'],
    ['high', 'untrusted', 'high'],
  ] as const)('risk %s from a %s author is %s', (risk, trust, expected) => {
    expect(parse(`Do it.\n## Execution\nrepo: api\nrisk: ${risk}\n`, { trust }).risk).toBe(expected)
  })

  test.each([
    ['', 'line 1: there is no goal'],
    ['## Goal\n\n## Execution\nrepo: api', 'line 2: there is no goal'],
    ['Do it.', 'repo: no repository is named'],
    [
      'Do it.\n## Execution\nrepo: api\nallowed_path: src',
      'line 4: unknown key "allowed_path"; did you mean "allowed_paths"?',
    ],
    ['Do it.\n## Execution\nrepo: api\nbase-branch: x', 'did you mean "base_branch"?'],
    ['Do it.\n## Execution\nrepo: api\nzzzzzzzzzzzzzzzz: x', 'known are repo'],
    ['Do it.\n## Execution\nrepo: api\nverify: maybe', 'line 4: verify'],
    ['Do it.\n## Execution\n\n```yaml\nrepo: api\nrisk: huge\n```', 'line 6: risk'],
    ['Do it.\n## Execution\nrepo: [a', '## Execution is no YAML'],
    ['Do it.\n## Execution\nrepo: a\nrepo: b', 'line 4: ## Execution is no YAML'],
    ['Do it.\n## Execution\n- repo', 'must hold lines of the form'],
    ['Do it.\n## Execution\nrepo: &x api\nbase_branch: *x', '## Execution'],
    ['Do it.\n## Execution\nrepo: API', 'line 3: repo'],
    ['Do it.\n## Execution\nrepo: api\nbase_branch: -x', 'must not start with "-"'],
    ['Do it.\n## Execution\nrepo: api\nbase_branch: a..b', '".."'],
    ['Do it.\n## Execution\nrepo: api\nbase_branch: "a\\nb"', 'one line'],
    ['Do it.\n## Execution\nrepo: api\nallowed_paths: [src/../../etc]', 'must not contain ".."'],
    ['Do it.\n## Execution\nrepo: api\nallowed_paths: /etc', 'relative to the repository'],
    ['Do it.\n## Execution\nrepo: api\n## Execution\nrepo: api', 'line 4: a second "## Execution"'],
    ['Do it.\n- depends_on: nothing\n## Execution\nrepo: api', 'line 2: depends_on "nothing"'],
    ['Do it.\ndepends_on: task-1\n## Execution\nrepo: api', 'cannot depend on itself'],
    ['Do\u0000 it.', 'line 1: it holds a control character'],
    ['Do it.\n\u001b[31mred', 'line 2: it holds a control character'],
    [`${'x'.repeat(50_001)}\n## Execution\nrepo: api`, 'goal'],
    ['x'.repeat(200_001), 'at most 200000'],
    ['Do it.\n## Execution\nrepo: api\nmode: goal\nkind: test', 'keep kind'],
    ['Do it.\n## Execution\n__proto__: x\nrepo: api', 'unknown key'],
  ])('%j says what and where', (text, message) => {
    expect(problem(text)).toContain(message)
  })

  test.each([
    [{ title: '--force' }, 'title: must not start with "-"'],
    [{ title: 'a\nb' }, 'title: must be one line'],
    [{ title: 'a\u202eb' }, 'title: must not change the direction'],
    [{ title: 'x'.repeat(201) }, 'title'],
    [{ title: null, text: '## Goal\n- -x\n## Execution\nrepo: api' }, 'no error'],
    [{ labels: ['base-branch: -x'] }, 'label "base-branch: -x"'],
    [{ labels: ['repo: a', 'repo: b'] }, 'another label says a'],
    [{ labels: ['a\u0000b'] }, 'label "a\\u0000b"'],
    [{ labels: ['constructor: x', '__proto__: y'] }, 'no error'],
    [{ id: 'run-1' }, 'id'],
  ] as const)('%j', (changes, message) => {
    expect(problem('Do it.\n## Execution\nrepo: api\n', changes as Partial<TaskText>)).toContain(message)
  })

  test('never throws anything but its own error, and what it accepts is a task', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '## Goal\n',
        '## Execution\n',
        '```\n',
        '~~~~\n',
        'repo: api\n',
        '- depends_on: ',
        'task-a',
        '\r\n',
        '# T\n',
      ),
      fc.constantFrom(
        'allowed_paths: [',
        ']\n',
        '&a ',
        '*a\n',
        '<<: ',
        '? ',
        '!!js ',
        '{',
        '"',
        "'",
        '|\n',
        '---\n',
        '%YAML 9\n',
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        fc.array(fc.string(), { maxLength: 3 }),
        (pieces, labels) => {
          try {
            TaskSpec.parse(parse(pieces.join(''), { labels, title: null, trust: 'untrusted' }))
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidTaskText)
          }
        },
      ),
      { numRuns: 1_500 },
    )
  })
})
