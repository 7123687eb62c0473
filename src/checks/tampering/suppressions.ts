import type { LookedFor } from './added-matches.ts'
import type { ChangedSource } from './changed-source.ts'

interface Suppression extends LookedFor {
  /** Languages it is one in; absent: all. */
  readonly of?: readonly string[]
  /** In tests it is common and hides nothing. */
  readonly notInTests?: boolean
}

/** What silences a compiler, a linter, a scanner or coverage. One row a kind; all are global. */
const SUPPRESSIONS: readonly Suppression[] = [
  {
    in: 'comments',
    pattern: /\b(?:eslint|tslint|oxlint|stylelint|jshint|standard|rslint)[-:]disable\b[^\n*]{0,60}/g,
  },
  { in: 'comments', pattern: /@ts-(?:ignore|expect-error|nocheck)\b/g },
  { in: 'comments', pattern: /\b(?:biome|rome|deno-lint)-ignore\b[^\n*]{0,60}|\$Flow(?:FixMe|Ignore)\b/g },
  { in: 'comments', pattern: /\b(?:istanbul|c8|v8|node:coverage)[ \t]{1,4}(?:ignore|disable)\b/g },
  { in: 'comments', pattern: /#[ \t]*noqa\b|\b(?:flake8|ruff):[ \t]*noqa\b/gi },
  {
    in: 'comments',
    pattern:
      /\btype:[ \t]*ignore\b|\b(?:pyright|mypy|pyre|pytype|ty):[ \t]*(?:ignore|disable)\S{0,40}|\bpyre-(?:ignore|fixme)\b/g,
  },
  {
    in: 'comments',
    pattern: /\bpragma:[ \t]*no[ \t]?(?:cover|branch)\b|\bcoverage:[ \t]*(?:ignore|off)\b|:nocov:/g,
  },
  {
    in: 'comments',
    pattern:
      /\b(?:pylint|shellcheck|rubocop|swiftlint|ktlint|detekt|dialyzer|credo)[:\s-]{1,3}(?:disable|suppress)\S{0,60}/g,
  },
  {
    in: 'comments',
    pattern:
      /\bnolint\b|\bnosec\b|\bNOSONAR\b|\bNOLINT\w*|\bnosemgrep\b|\bnoinspection\b|\b(?:phpstan|psalm)-(?:ignore|suppress)\S{0,40}|\blint:ignore\b|\bcodeql\[/g,
  },
  { in: 'code', of: ['rust'], pattern: /#!?\[(?:allow|expect)\([^\]\n]{0,200}\]/g },
  { in: 'code', of: ['java'], pattern: /@(?:file:)?Suppress(?:Warnings|FBWarnings|Lint)?\b/g },
  { in: 'code', of: ['csharp'], pattern: /#pragma[ \t]{1,4}warning[ \t]{1,4}disable\b|\bSuppressMessage\b/g },
  {
    in: 'code',
    of: ['other'],
    pattern: /#pragma[ \t]{1,4}(?:GCC|clang)[ \t]{1,4}diagnostic[ \t]{1,4}ignored\b/g,
  },
  {
    in: 'code',
    of: ['javascript'],
    pattern: /\bas[ \t]{1,4}any\b/g,
    notInTests: true,
  },
  {
    in: 'code',
    of: ['javascript', 'java', 'csharp'],
    pattern: /\bcatch\s{0,40}(?:\([^)\n]{0,200}\)\s{0,40})?\{\s{0,200}\}/g,
    unexplained: true,
  },
  {
    in: 'code',
    of: ['javascript'],
    pattern: /\.catch\(\s{0,10}\(\w{0,20}\)\s{0,10}=>\s{0,10}\{\s{0,40}\}\s{0,10}\)/g,
    unexplained: true,
  },
  {
    in: 'code',
    of: ['python'],
    pattern: /^[ \t]*except\b[^\n:]{0,200}:[ \t]*\n?[ \t]*(?:pass|\.\.\.)[ \t]*$/gm,
    unexplained: true,
  },
  {
    in: 'code',
    of: ['ruby'],
    pattern: /\brescue[ \t]{1,4}nil\b|^[ \t]*rescue\b[^\n]{0,200}\n[ \t]*end\b/gm,
    unexplained: true,
  },
  {
    in: 'code',
    of: ['go'],
    pattern: /\bif[ \t]{1,4}err[ \t]*!=[ \t]*nil[ \t]*\{\s{0,40}\}/g,
    unexplained: true,
  },
]

/** What to look for in one file; null in what holds no code of the project. */
export const suppressionsIn = (file: ChangedSource): ReadonlyArray<Suppression> | null => {
  const { language } = file
  if (language === null || file.isData) return null
  return SUPPRESSIONS.filter(
    ({ of, notInTests }) =>
      (of === undefined || of.includes(language.name)) && !(notInTests === true && file.role === 'test'),
  )
}
