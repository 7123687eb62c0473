import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findTampering } from '../../../src/checks/tampering/find-tampering.ts'
import { TAMPERING_RULES } from '../../../src/checks/tampering/tampering-rules.ts'

type Files = Readonly<Record<string, readonly [before: string | null, after: string | null]>>

const CHECKS = ['npm test', 'make lint', './check.sh']

const judge = (files: Files, checks: readonly string[] = CHECKS) =>
  findTampering(
    Object.entries(files).map(([path, [before, after]]) => ({ path, before, after, tooLarge: false })),
    checks,
  )
const rulesOf = (files: Files, checks?: readonly string[]): string[] => [
  ...new Set(judge(files, checks).found.map(({ rule }) => rule.replace('tampering.', ''))),
]

const JS = `import { add } from './add.js'
test('adds', () => {
  expect(add(1, 2)).toBe(3)
  expect(add(0, 0)).toBe(0)
})
test('subtracts', () => {
  expect(add(1, -2)).toBe(-1)
})
`
const PY = `import pytest
from add import add

def test_adds():
    assert add(1, 2) == 3
    assert add(0, 0) == 0

class TestMore:
    def test_close(self):
        assert add(0.1, 0.2) == pytest.approx(0.3, abs=1e-9)
`
const GO = `package add
func TestAdds(t *testing.T) {
	require.Equal(t, 3, Add(1, 2))
	if Add(0, 0) != 0 { t.Fatalf("zero") }
}
func TestMore(t *testing.T) {
	assert.InDelta(t, 0.3, Add(0.1, 0.2), 0.001)
}
`
const RUST = `pub fn add(a: i32, b: i32) -> i32 { a + b }
#[cfg(test)]
mod tests {
    #[test]
    fn adds() {
        assert_eq!(add(1, 2), 3);
        assert_eq!(add(0, 0), 0);
    }
    #[test]
    fn lifetimes<'a>() { assert!(add(1, 1) > 1); }
}
`
const JAVA = `class AddTest {
  @Test
  void adds() {
    assertEquals(3, add(1, 2));
    assertEquals(0, add(0, 0));
  }
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void more(int n) { assertTrue(add(n, 0) == n); }
}
`
const KOTLIN = `class AddTest {
  @Test
  fun \`adds two\`() {
    assertEquals(3, add(1, 2))
  }
}
`
const RUBY = `describe Add do
  it 'adds' do
    expect(add(1, 2)).to eq(3)
    expect(add(0, 0)).to eq(0)
  end
end
`
const CSHARP = `public class AddTests {
  [Fact]
  public void Adds() {
    Assert.Equal(3, Add(1, 2));
    Assert.Equal(0, Add(0, 0));
  }
}
`

const edit = (text: string, from: string, to: string): [string, string] => {
  expect(text).toContain(from)
  return [text, text.replace(from, to)]
}

describe('a test that is gone', () => {
  test.each<[string, Files]>([
    ['its file', { 'test/add.test.js': [JS, null] }],
    ['one of a file', { 'test/add.test.js': edit(JS, JS.slice(JS.indexOf("test('sub")), '') }],
    ['all of an emptied file', { 'test/add.test.js': [JS, ''] }],
    ['commented out', { 'test/add.test.js': [JS, JS.replace(/^/gm, '// ')] }],
    ['in Python', { 'tests/test_add.py': edit(PY, 'def test_adds', 'def helper_adds') }],
    ['in Go', { 'add_test.go': edit(GO, 'func TestMore', 'func testMore') }],
    ['in Rust, beside the code', { 'src/add.rs': edit(RUST, '#[test]\n    fn adds', 'fn adds') }],
    ['in Java', { 'src/test/java/AddTest.java': edit(JAVA, '@Test\n', '') }],
    ['in Kotlin', { 'src/test/kotlin/AddTest.kt': edit(KOTLIN, '@Test\n', '') }],
    ['in Ruby', { 'spec/add_spec.rb': [RUBY, 'describe Add do\nend\n'] }],
    ['in C#', { 'Add.Tests/AddTests.cs': edit(CSHARP, '[Fact]', '') }],
    ['a snapshot', { 'test/__snapshots__/add.test.js.snap': ['exports[`a`] = `1`', null] }],
    ['of a language we do not know', { 'test/add.bats': ['@test "adds" {\n}\n', null] }],
  ])('%s', (_, files) => expect(rulesOf(files)).toEqual(['test_deleted']))

  test.each<[string, Files]>([
    ['its file has moved', { 'test/add.test.js': [JS, null], 'test/math/add.test.js': [null, JS] }],
    [
      'its file has moved and was edited',
      { 'test/add.test.js': [JS, null], 'test/math/add.test.js': [null, JS.replace('./add', '../../add')] },
    ],
    [
      'it was split into two files',
      {
        'test/add.test.js': [JS, null],
        'test/a.test.js': [null, JS.slice(0, JS.indexOf("test('sub"))],
        'test/b.test.js': [null, JS.slice(JS.indexOf("test('sub"))],
      },
    ],
    ['it was renamed', { 'test/add.test.js': edit(JS, "'adds'", "'sums up'") }],
    [
      'tests were added',
      { 'test/add.test.js': [JS, `${JS}\ntest('more', () => { expect(add(2, 2)).toBe(4) })\n`] },
    ],
    [
      'its order changed',
      {
        'test/add.test.js': [
          JS,
          `${JS.slice(JS.indexOf("test('sub"))}${JS.slice(0, JS.indexOf("test('sub"))}`,
        ],
      },
    ],
    ['what a test reads', { 'test/fixtures/in.txt': ['a', null] }],
    ['code', { 'src/add.js': ['export const add = 1\n', null] }],
  ])('not when %s', (_, files) => expect(rulesOf(files)).toEqual([]))
})

describe('a test that is left out', () => {
  test.each<[string, Files]>([
    ['.skip', { 'test/add.test.js': edit(JS, "test('adds'", "test.skip('adds'") }],
    ['.only', { 'test/add.test.js': edit(JS, "test('adds'", "test.only('adds'") }],
    ['.each.skip', { 'test/add.test.js': edit(JS, "test('adds'", "test.skip.each([1])('adds'") }],
    ['xit', { 'test/add.test.js': edit(JS, "test('adds'", "xtest('adds'") }],
    [
      'a skip in its options',
      { 'test/add.test.js': edit(JS, "test('adds', ", "test('adds', {skip: true}, ") },
    ],
    ['process.exit', { 'test/add.test.js': edit(JS, "test('adds'", "process.exit(0)\ntest('adds'") }],
    [
      'a skipped one that is new',
      { 'test/new.test.js': [null, "test.skip('new', () => { expect(1).toBe(one) })\n"] },
    ],
    [
      'pytest.mark.skip',
      { 'tests/test_add.py': edit(PY, 'def test_adds', '@pytest.mark.skip(reason="x")\ndef test_adds') },
    ],
    ['xfail', { 'tests/test_add.py': edit(PY, 'def test_adds', '@pytest.mark.xfail\ndef test_adds') }],
    ['pytest.skip()', { 'tests/test_add.py': edit(PY, 'assert add(1', 'pytest.skip()\n    assert add(1') }],
    [
      'unittest.skip',
      { 'tests/test_add.py': edit(PY, 'def test_adds', '@unittest.skip("x")\ndef test_adds') },
    ],
    ['t.Skip', { 'add_test.go': edit(GO, 'require', 't.Skip("later")\n\trequire') }],
    [
      '#[ignore]',
      { 'src/add.rs': edit(RUST, '#[test]\n    fn adds', '#[test]\n    #[ignore]\n    fn adds') },
    ],
    ['@Disabled', { 'src/test/java/AddTest.java': edit(JAVA, '@Test\n', '@Test\n  @Disabled("x")\n') }],
    ['Ruby’s skip', { 'spec/add_spec.rb': edit(RUBY, "it 'adds'", "xit 'adds'") }],
    ['C#’s Skip', { 'Add.Tests/AddTests.cs': edit(CSHARP, '[Fact]', '[Fact(Skip = "x")]') }],
  ])('%s', (_, files) => expect(rulesOf(files)).toEqual(['test_skipped']))

  test.each<[string, Files]>([
    ['it was so before', { 'test/add.test.js': [`test.skip('a', f)\n${JS}`, `${JS}test.skip('a', f)\n`] }],
    [
      'only a comment or a string says so',
      { 'test/add.test.js': [JS, `${JS}// test.skip('x')\nconst text = "test.skip('x')"\n`] },
    ],
    ['code that has a skip of its own', { 'src/list.js': ['', 'items.skip(2)\nthis.skip(1)\n'] }],
    ['what a test reads', { 'test/fixtures/a.test.js': ['', "test.skip('a')\n"] }],
    [
      'a file was moved',
      { 'a.test.js': ["test.skip('a', f)\n", null], 'b.test.js': [null, "test.skip('a', f)\n"] },
    ],
  ])('not when %s', (_, files) => expect(rulesOf(files)).toEqual([]))
})

describe('a test that proves less', () => {
  test.each<[string, Files]>([
    ['fewer assertions', { 'test/add.test.js': edit(JS, '  expect(add(0, 0)).toBe(0)\n', '') }],
    [
      'an assertion commented out',
      { 'test/add.test.js': edit(JS, '  expect(add(0, 0))', '  // expect(add(0, 0))') },
    ],
    ['toBe became toBeTruthy', { 'test/add.test.js': edit(JS, 'toBe(3)', 'toBeTruthy()') }],
    ['toBe became toBeDefined', { 'test/add.test.js': edit(JS, 'toBe(3)', 'toBeDefined()') }],
    ['anything is equal', { 'test/add.test.js': edit(JS, '.toBe(3)', '.toBeInstanceOf(Number)') }],
    [
      'nothing is asserted',
      { 'test/add.test.js': edit(JS, 'expect(add(1, 2)).toBe(3)', 'expect(true).toBe(true)') },
    ],
    [
      'or true',
      {
        'test/add.test.js': edit(
          JS,
          'expect(add(1, 2)).toBe(3)',
          'expect(add(1, 2) === 3 || true).toBe(yes)',
        ),
      },
    ],
    [
      'renamed and weaker',
      { 'test/add.test.js': edit(JS, "'adds', () => {\n  expect(add(1, 2)).toBe(3)", "'sums', () => {") },
    ],
    [
      'moved and weaker',
      { 'a.test.js': [JS, null], 'b.test.js': [null, JS.replace('  expect(add(0, 0)).toBe(0)\n', '')] },
    ],
    ['in Python', { 'tests/test_add.py': edit(PY, '    assert add(0, 0) == 0\n', '') }],
    ['assert True', { 'tests/test_add.py': edit(PY, 'assert add(1, 2) == 3', 'assert True') }],
    ['is not None', { 'tests/test_add.py': edit(PY, 'add(1, 2) == 3', 'add(1, 2) is not None') }],
    ['a wider tolerance', { 'tests/test_add.py': edit(PY, '1e-9', '1.0') }],
    ['in Go', { 'add_test.go': edit(GO, 'require.Equal(t, 3, Add(1, 2))', '_ = Add(1, 2)') }],
    ['a wider delta', { 'add_test.go': edit(GO, '0.001', '0.5') }],
    ['Go’s True', { 'add_test.go': edit(GO, 'require.Equal(t, 3, Add(1, 2))', 'require.True(t, true)') }],
    ['in Rust', { 'src/add.rs': edit(RUST, 'assert_eq!(add(1, 2), 3);', 'assert!(true);') }],
    [
      'in Java',
      { 'src/test/java/AddTest.java': edit(JAVA, 'assertEquals(3, add(1, 2))', 'assertNotNull(add(1, 2))') },
    ],
    ['in Ruby', { 'spec/add_spec.rb': edit(RUBY, 'to eq(3)', 'to be_truthy') }],
    [
      'in C#',
      { 'Add.Tests/AddTests.cs': edit(CSHARP, 'Assert.Equal(3, Add(1, 2))', 'Assert.NotNull(Add(1, 2))') },
    ],
    [
      'fewer decimals',
      {
        'a.test.js': [
          "test('a', () => { expect(x).toBeCloseTo(1.5, 5) })",
          "test('a', () => { expect(x).toBeCloseTo(1.5, 1) })",
        ],
      },
    ],
    [
      'more retries',
      {
        'a.test.js': [
          "test('a', { retries: 0 }, () => { expect(x).toBe(1) })",
          "test('a', { retries: 5 }, () => { expect(x).toBe(1) })",
        ],
      },
    ],
  ])('%s', (_, files) => expect(rulesOf(files)).toEqual(['assertion_weakened']))

  test.each<[string, Files]>([
    ['it expects something else', { 'test/add.test.js': edit(JS, 'toBe(3)', 'toBe(4)') }],
    [
      'it asserts more',
      { 'test/add.test.js': edit(JS, 'toBe(3)\n', 'toBe(3)\n  expect(add(3, 3)).toBeTruthy()\n') },
    ],
    ['it asserts more exactly', { 'tests/test_add.py': edit(PY, '1e-9', '1e-12') }],
    ['it says it otherwise', { 'test/add.test.js': edit(JS, '.toBe(3)', '.toEqual(3)') }],
  ])('not when %s', (_, files) => expect(rulesOf(files)).toEqual([]))
})

describe('a check that is silenced', () => {
  test.each<[string, string, string]>([
    ['eslint-disable', 'src/a.ts', '// eslint-disable-next-line no-console\n'],
    ['eslint-disable in a block', 'src/a.ts', '/* eslint-disable */\n'],
    ['@ts-ignore', 'src/a.ts', '// @ts-ignore\n'],
    ['@ts-expect-error', 'src/a.ts', '// @ts-expect-error later\n'],
    ['@ts-nocheck', 'src/a.ts', '// @ts-nocheck\n'],
    ['biome-ignore', 'src/a.ts', '// biome-ignore lint/x/y: because\n'],
    ['istanbul ignore', 'src/a.js', '/* istanbul ignore next */\n'],
    ['as any', 'src/a.ts', 'const b = a as any\n'],
    ['an empty catch', 'src/a.ts', 'try { f() } catch {}\n'],
    ['an empty catch over lines', 'src/a.ts', 'try {\n f()\n} catch (error) {\n}\n'],
    ['a promise’s empty catch', 'src/a.ts', 'void f().catch(() => {})\n'],
    ['noqa', 'src/a.py', 'import os  # noqa: F401\n'],
    ['type: ignore', 'src/a.py', 'x = f()  # type: ignore[arg-type]\n'],
    ['pragma: no cover', 'src/a.py', 'if x:  # pragma: no cover\n    y()\n'],
    ['pylint', 'src/a.py', '# pylint: disable=all\n'],
    ['except: pass', 'src/a.py', 'try:\n    f()\nexcept Exception:\n    pass\n'],
    ['nolint', 'a.go', 'x := f() //nolint:errcheck\n'],
    ['an error dropped', 'a.go', 'if err != nil {\n}\n'],
    ['#[allow]', 'src/a.rs', '#[allow(dead_code)]\nfn f() {}\n'],
    ['#![allow]', 'src/lib.rs', '#![allow(warnings)]\n'],
    ['SuppressWarnings', 'src/main/java/A.java', '@SuppressWarnings("all")\nclass A {}\n'],
    ['Suppress', 'src/main/kotlin/A.kt', '@Suppress("UNCHECKED_CAST")\nfun f() {}\n'],
    ['NOSONAR', 'src/main/java/A.java', 'f(); // NOSONAR\n'],
    ['#pragma warning', 'src/A.cs', '#pragma warning disable CS0168\n'],
    ['rubocop', 'lib/a.rb', 'f # rubocop:disable Style/X\n'],
    ['rescue nil', 'lib/a.rb', 'f rescue nil\n'],
    ['shellcheck', 'bin/a.sh', '# shellcheck disable=SC2086\n'],
    ['in a test too', 'test/a.test.ts', '// @ts-expect-error\n'],
    [
      'behind a regular expression with quotes',
      'src/a.ts',
      'x.replace(/"/, y) // @ts-ignore\nconst z = "a"\n',
    ],
    ['behind an apostrophe', 'src/a.rs', "fn f<'a>(x: &'a str) {} // NOLINT\n"],
  ])('%s', (_, path, line) => {
    expect(rulesOf({ [path]: ['', line] })).toEqual(['suppression_added'])
    expect(rulesOf({ [path]: [line, `${line}more()\n`] })).toEqual([])
    expect(rulesOf({ [path]: [line, ''] })).toEqual([])
  })

  test.each<[string, string, string]>([
    ['in a string', 'src/a.ts', "const text = '// eslint-disable-next-line x'\n"],
    ['in a template', 'src/a.ts', 'const text = `\n// @ts-ignore\n\n`\n'],
    ['in a docstring', 'src/a.py', '"""Say # noqa to it.\n# type: ignore\n"""\n'],
    ['in prose', 'docs/a.md', 'Write `// eslint-disable` above it.\n'],
    ['in what a test reads', 'tests/fixtures/bad.py', 'import os  # noqa\n'],
    ['a catch that says why', 'src/a.ts', 'try { f() } catch { /* it is gone already */ }\n'],
    ['as any in a test', 'test/a.test.ts', 'const x = y as any\n'],
    ['a word that only looks so', 'src/a.ts', '// as any of us knows; type: ignored\nconst nolinter = 1\n'],
  ])('not %s', (_, path, line) => expect(rulesOf({ [path]: ['', line] })).toEqual([]))
})

describe('what runs elsewhere', () => {
  test.each([
    '.github/workflows/ci.yml',
    '.github/actions/build/action.yml',
    '.gitlab-ci.yml',
    'ci/.gitlab-ci-lint.yml',
    'Jenkinsfile',
    'build/Jenkinsfile.release',
    '.circleci/config.yml',
    '.ci/run',
    'azure-pipelines.yml',
    '.travis.yml',
    '.buildkite/pipeline.yml',
    '.drone.yml',
    '.woodpecker/test.yml',
    '.forgejo/workflows/a.yaml',
    'codecov.yml',
  ])('%s', (path) => {
    expect(rulesOf({ [path]: ['a: 1\n', 'a: 2\n'] })).toEqual(['ci_edited'])
    expect(rulesOf({ [path]: [null, 'a: 2\n'] })).toEqual(['ci_edited'])
    expect(rulesOf({ [path]: ['a: 2\n', null] })).toEqual(['ci_edited'])
  })

  test.each(['docs/ci.md', 'src/ci/run.ts', '.github/CODEOWNERS', '.github/ISSUE_TEMPLATE/bug.yml'])(
    'not %s',
    (path) => {
      expect(rulesOf({ [path]: ['a\n', 'b\n'] })).toEqual([])
    },
  )
})

const PACKAGE = JSON.stringify({
  name: 'a',
  scripts: { test: 'npm run unit', unit: 'vitest run', build: 'tsc', lint: 'eslint .' },
})
const packageWith = (change: object, scripts: object = {}): string =>
  JSON.stringify({
    ...JSON.parse(PACKAGE),
    ...change,
    scripts: { ...JSON.parse(PACKAGE).scripts, ...scripts },
  })
const MAKE =
  'FLAGS = --strict\n.PHONY: all lint\nall: build\nlint: deps\n\tcheck $(FLAGS)\ndeps:\n\tget\nbuild:\n\tcc\n'

describe('what the checks run', () => {
  test.each<[string, Files]>([
    ['a runner’s configuration', { 'vitest.config.ts': ['export {}\n', 'export { a }\n'] }],
    ['a new one', { 'jest.config.js': [null, 'module.exports = {}\n'] }],
    ['one that is gone', { 'pytest.ini': ['[pytest]\n', null] }],
    ['a linter’s', { 'eslint.config.js': ['a\n', 'b\n'] }],
    ['the script a check names', { 'package.json': [PACKAGE, packageWith({}, { test: 'true' })] }],
    ['a script it calls', { 'package.json': [PACKAGE, packageWith({}, { unit: 'vitest run src/easy' })] }],
    [
      'a script that now runs before it',
      { 'package.json': [PACKAGE, packageWith({}, { preunit: 'rm -r test/hard' })] },
    ],
    ['the settings of a runner', { 'package.json': [PACKAGE, packageWith({ jest: { testMatch: [] } })] }],
    ['no JSON', { 'package.json': [PACKAGE, '{'] }],
    ['the target a check names', { Makefile: edit(MAKE, '\tcheck $(FLAGS)', '\ttrue') }],
    ['a target it needs', { Makefile: edit(MAKE, '\tget', '\ttrue') }],
    ['a variable of the targets', { Makefile: edit(MAKE, '--strict', '--lax') }],
    ['a second recipe', { Makefile: [MAKE, `${MAKE}lint:\n\ttrue\n`] }],
    ['the program a check runs', { 'check.sh': ['npm test\n', 'exit 1\n'] }],
    [
      'pytest’s section',
      {
        'pyproject.toml': [
          '[project]\nname = "a"\n',
          '[project]\nname = "a"\n[tool.pytest.ini_options]\naddopts = "-k easy"\n',
        ],
      },
    ],
    [
      'ruff’s section',
      { 'pyproject.toml': ['[tool.ruff.lint]\nselect = ["ALL"]\n', '[tool.ruff.lint]\nselect = []\n'] },
    ],
    [
      'lints of Cargo',
      { 'Cargo.toml': ['[lints.rust]\nunsafe_code = "forbid"\n', '[lints.rust]\nunsafe_code = "allow"\n'] },
    ],
    [
      'strictness of the compiler',
      {
        'tsconfig.json': ['{"compilerOptions": {"strict": true}}', '{"compilerOptions": {"strict": false}}'],
      },
    ],
    [
      'files the compiler sees',
      { 'tsconfig.json': ['{"exclude": ["dist"]}', '{"exclude": ["dist", "src/hard"]}'] },
    ],
    ['a limit of coverage', { '.nycrc': ['{"lines": 90}', '{"lines": 20}'] }],
    ['tests skipped by a build', { 'pom.xml': ['<a/>\n', '<skipTests>true</skipTests>\n'] }],
    ['a failure ignored', { 'sub/Makefile': ['test:\n\tunit\n', 'test:\n\tunit || true\n'] }],
  ])('%s', (_, files) => expect(rulesOf(files)).toEqual(['check_edited']))

  test.each<[string, Files]>([
    ['a dependency', { 'package.json': [PACKAGE, packageWith({ dependencies: { a: '1' } })] }],
    [
      'a script no check runs',
      { 'package.json': [PACKAGE, packageWith({}, { build: 'tsup', docs: 'typedoc' })] },
    ],
    ['a target no check runs', { Makefile: edit(MAKE, '\tcc', '\tcc -O2') }],
    ['a new target', { Makefile: [MAKE, `${MAKE}docs:\n\tmkdocs\n`] }],
    [
      'a new version of a package',
      { 'pyproject.toml': ['[project]\nversion = "1"\n', '[project]\nversion = "2"\n'] },
    ],
    [
      'a path of the compiler',
      {
        'tsconfig.json': [
          '{"compilerOptions": {"strict": true}}',
          '{"compilerOptions": {"strict": true, "paths": {}}}',
        ],
      },
    ],
    ['a script that goes on', { 'scripts/all.sh': ['npm test\n', 'rm x || true\n'] }],
    ['a program that is new', { 'check.sh': [null, 'npm test\n'] }],
    [
      'a script that a check names and nobody had',
      { 'package.json': ['{}', '{"scripts": {"test": "vitest run"}}'] },
    ],
  ])('not %s', (_, files) => expect(rulesOf(files)).toEqual([]))

  test('a file that a check only reads may change', () => {
    expect(rulesOf({ 'src/app.sh': ['a\n', 'b\n'] }, ['grep -q mended src/app.sh'])).toEqual([])
    expect(rulesOf({ 'src/app.sh': ['a\n', 'b\n'] }, ['CI=1 sh src/app.sh'])).toEqual(['check_edited'])
    expect(rulesOf({ 'pkg/src/app.sh': ['a\n', 'b\n'] }, ['cd pkg && sh src/app.sh'])).toEqual([
      'check_edited',
    ])
  })
})

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
