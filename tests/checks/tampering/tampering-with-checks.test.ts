import { describe, expect, test } from 'vitest'
import { edit, type Files, rulesOf } from './judge.ts'
import { MAKE, PACKAGE, packageWith } from './sample-checks.ts'

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
