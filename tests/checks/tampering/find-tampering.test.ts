import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TAMPERING_RULES } from '../../../src/checks/tampering/tampering-rules.ts'
import { edit, type Files, judge, rulesOf } from './judge.ts'
import { PACKAGE, packageWith } from './sample-checks.ts'
import { JS, PY, RUST } from './sample-tests.ts'

test('a test too large to be read is a finding', () => {
  const large = `${JS}${'//\n'.repeat(400_000)}`
  expect(rulesOf({ 'test/add.test.js': [JS, large] })).toEqual(['not_judged'])
  expect(rulesOf({ 'assets/data.json': ['{}', `"${large}"`] })).toEqual([])
})

test('every finding names its place', () => {
  const { found } = judge({ 'test/add.test.js': edit(JS, "test('subtracts'", "test.skip('subtracts'") })
  expect(found).toEqual([
    {
      rule: 'tampering.test_skipped',
      concerns: 'tests',
      path: 'test/add.test.js',
      line: 6,
      message: 'test/add.test.js:6 leaves tests out: test.skip',
    },
  ])
  const hostile = 'test/a\u202e\n.test.js'
  expect(judge({ [hostile]: [JS, null] }).found[0]?.message).toBe('"test/a\\u{202e}\\n.test.js" was deleted')
})

describe('what judged the work and is to be put back', () => {
  test.each<[string, Files, string[]]>([
    ['a changed test', { 'test/a.test.js': [JS, `${JS}\n`], 'src/a.js': ['a', 'b'] }, ['test/a.test.js']],
    ['a deleted one', { 'test/a.test.js': [JS, null] }, ['test/a.test.js']],
    ['what tests read', { 'test/fixtures/a.txt': ['a', 'b'] }, ['test/fixtures/a.txt']],
    [
      'CI and runners',
      { '.ci/run': ['a', 'b'], 'vitest.config.ts': ['a', 'b'] },
      ['.ci/run', 'vitest.config.ts'],
    ],
    ['a program of the checks', { 'check.sh': ['a', 'b'] }, ['check.sh']],
    ['nothing new', { 'test/a.test.js': [null, JS] }, []],
    ['nothing that only moved', { 'test/a.test.js': [JS, null], 'test/b.test.js': [null, JS] }, []],
    ['nothing else', { 'src/a.js': ['a', 'b'], 'package.json': [PACKAGE, packageWith({ x: 1 })] }, []],
  ])('%s', (_, files, judges) => expect(judge(files).judges).toEqual(judges))
})

const caseText = fc
  .record({
    name: fc.stringMatching(/^[a-z ]{3,20}$/),
    value: fc.integer(),
    extra: fc.integer({ min: 0, max: 3 }),
  })
  .map(
    ({ name, value, extra }) =>
      `test('${name}', () => {\n${`  expect(f(${value})).toBe(${value})\n`.repeat(extra + 1)}})\n`,
  )

test('tests that move between files, in any order, are never deleted or weakened', () => {
  fc.assert(
    fc.property(
      fc.array(caseText, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.gen(),
      (cases, parts, gen) => {
        const shuffled = gen(fc.shuffledSubarray, cases, { minLength: cases.length, maxLength: cases.length })
        const files: Record<string, [string | null, string | null]> = {
          'old.test.js': [cases.join(''), null],
        }
        for (let part = 0; part < parts; part += 1)
          files[`new-${part}.test.js`] = [
            null,
            shuffled.filter((_, index) => index % parts === part).join(''),
          ]
        return judge(files).found.length === 0
      },
    ),
  )
})

test('taking any one test away is seen', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(caseText, { minLength: 1, maxLength: 8, selector: (text) => text.split('\n')[0] ?? '' }),
      fc.nat(),
      (cases, pick) => {
        const left = cases.filter((_, index) => index !== pick % cases.length)
        return rulesOf({ 'a.test.js': [cases.join(''), left.join('')] }).includes('test_deleted')
      },
    ),
  )
})

test('a change that is none has no findings, whatever the text', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.constantFrom(JS, PY, RUST, '// eslint-disable', '"', "'", '`', '/*', '"""', '\n'),
        ),
        { maxLength: 10 },
      ),
      fc.constantFrom(
        'a.test.js',
        'src/a.ts',
        'tests/test_a.py',
        'a_test.go',
        'src/a.rs',
        'spec/a_spec.rb',
        'a.sh',
      ),
      (parts, path) => {
        const text = parts.join('')
        return judge({ [path]: [text, text] }).found.length === 0
      },
    ),
  )
})

test.each([
  ['blanks', ' '],
  ['line ends', '\n'],
  ['tests', "it('a', () => {"],
  ['catches', 'catch '],
  ['quotes', '"'],
  ['words', 'test.a.a.a.'],
  ['comments', '/* '],
  ['asserts', 'assert '],
  ['targets', 'a: b\n'],
  ['expressions without an end', '=/['],
  ['raw strings without an end', 'r#"'],
  ['escaped quotes', '"\\"'],
  ['marks', 'pytestmark='],
  ['casts on one line', 'as any '],
  ['tests of one name', "it('b', () => { b() })\n"],
])('a large file of %s is judged in time', (_, unit) => {
  const text = unit.repeat(Math.floor(300_000 / unit.length))
  const began = process.cpuUsage()
  for (const path of [
    'a.test.js',
    'tests/test_a.py',
    'src/a.rs',
    'ATest.java',
    'a_spec.rb',
    'ATests.cs',
    'Makefile',
    'package.json',
  ])
    judge({ [path]: [text, `${text}\n${text.slice(0, 40_000)}`] })
  expect(process.cpuUsage(began).user / 1000).toBeLessThan(20_000)
})

test('every rule is documented', async () => {
  const { readFileSync } = await import('node:fs')
  const docs = readFileSync(new URL('../../../docs/security.md', import.meta.url), 'utf8')
  for (const { id } of TAMPERING_RULES) expect(docs).toContain(`\`${id}\``)
})
