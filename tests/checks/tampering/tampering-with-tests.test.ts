import { describe, expect, test } from 'vitest'
import { edit, type Files, rulesOf } from './judge.ts'
import { CSHARP, GO, JAVA, JS, KOTLIN, PY, RUBY, RUST } from './sample-tests.ts'

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
