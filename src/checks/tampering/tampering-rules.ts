import type { Tampering } from '../../contracts/tampering.ts'
import { addedMatches } from './added-matches.ts'
import type { ChangedSource } from './changed-source.ts'
import { type CheckCommands, isProgram } from './check-commands.ts'
import { escapesIn, loweredThreshold } from './check-escapes.ts'
import { editedSettings, holdsSettings } from './edited-settings.ts'
import { suppressionsIn } from './suppressions.ts'
import { holdsTests, type TestPair } from './test-cases.ts'
import { weakenedBy } from './weakened.ts'

/** A change, prepared for the rules. */
export interface JudgedChange {
  readonly files: readonly ChangedSource[]
  /** Every test of the changed files as they were, with what became of it. */
  readonly tests: readonly TestPair[]
  /** Test files whose content stands under another name now. */
  readonly moved: ReadonlySet<string>
  readonly commands: CheckCommands
}

/** One way of working on the judge instead of the work. */
interface TamperingRule {
  readonly id: Tampering['rule']
  /** Whether leave to change tests covers it. */
  readonly concerns: Tampering['concerns']
  readonly find: (change: JudgedChange) => readonly Place[]
}

interface Place {
  readonly path: string
  readonly line: number | null
  /** Completes "path:line …". */
  readonly what: string
}

/** One row a rule. docs/security.md lists them. */
export const TAMPERING_RULES: readonly TamperingRule[] = [
  {
    id: 'tampering.test_deleted',
    concerns: 'tests',
    find: ({ files, tests, moved }) => [
      ...files
        .filter(
          (file) =>
            isJudgingFile(file) && file.after === null && file.before !== null && !moved.has(file.path),
        )
        .map(({ path }) => ({ path, line: null, what: 'was deleted' })),
      ...tests
        .filter(({ before, after }) => after === null && !isDeleted(files, before.path))
        .map(({ before }) => ({
          path: before.path,
          line: null,
          what: `has lost the test ${quoted(before.name)}`,
        })),
    ],
  },
  {
    id: 'tampering.test_skipped',
    concerns: 'tests',
    find: ({ files }) =>
      addedMatches(files, (file) => patternOf(file, 'skip')).map(({ path, line, text }) => ({
        path,
        line,
        what: `leaves tests out: ${text}`,
      })),
  },
  {
    id: 'tampering.assertion_weakened',
    concerns: 'tests',
    find: ({ files, tests }) => [
      ...tests.flatMap((pair) => {
        const how = weakenedBy(pair)
        const { after } = pair
        return how === null || after === null
          ? []
          : [{ path: after.path, line: after.line, what: `the test ${quoted(after.name)} ${how}` }]
      }),
      ...addedMatches(files, (file) => patternOf(file, 'trivial')).map(({ path, line, text }) => ({
        path,
        line,
        what: `asserts nothing: ${text}`,
      })),
    ],
  },
  {
    id: 'tampering.suppression_added',
    concerns: 'checks',
    find: ({ files }) =>
      addedMatches(files, suppressionsIn).map(({ path, line, text }) => ({
        path,
        line,
        what: `silences a check: ${text}`,
      })),
  },
  {
    id: 'tampering.ci_edited',
    concerns: 'checks',
    find: ({ files }) =>
      files
        .filter(({ role }) => role === 'ci')
        .map(({ path }) => ({ path, line: null, what: 'decides what CI does' })),
  },
  {
    id: 'tampering.check_edited',
    concerns: 'checks',
    find: ({ files, commands }) => [
      ...files
        .filter(({ role }) => role === 'runner')
        .map(({ path }) => ({ path, line: null, what: 'decides how the work is tested or linted' })),
      ...files
        .filter(({ path, before, unjudged }) => isProgram(commands, path) && (before !== null || unjudged))
        .map(({ path }) => ({ path, line: null, what: 'is what a check runs' })),
      ...files.flatMap(({ path, before, after }) =>
        editedSettings(path, before?.text ?? null, after?.text ?? null, commands).map((what) => ({
          path,
          line: null,
          what,
        })),
      ),
      ...addedMatches(files, escapesIn).map(({ path, line, text }) => ({
        path,
        line,
        what: `lets checks pass: ${text}`,
      })),
      ...files.flatMap((file) => {
        const lowered = loweredThreshold(file)
        return lowered === null
          ? []
          : [{ path: file.path, line: lowered.line, what: `asks for less: ${lowered.text}` }]
      }),
    ],
  },
  {
    id: 'tampering.not_judged',
    concerns: 'tests',
    find: ({ files }) =>
      files
        .filter(
          (file) =>
            file.unjudged && (file.role === 'test' || file.language !== null || holdsSettings(file.path)),
        )
        .map(({ path }) => ({ path, line: null, what: 'is too large to be judged' })),
  },
]

/** A test, a helper of tests, or a snapshot that tests compare with; what else tests read may go with what they test. */
const isJudgingFile = ({ path, role }: ChangedSource): boolean => role === 'test' || path.endsWith('.snap')

const isDeleted = (files: readonly ChangedSource[], path: string): boolean =>
  files.some((file) => file.path === path && file.after === null)

const patternOf = (file: ChangedSource, name: 'skip' | 'trivial') => {
  const syntax = holdsTests(file)
  return syntax === null || file.isData ? null : [{ in: 'code' as const, pattern: syntax[name] }]
}

/** A test's name in a sentence: short, and on one line. */
const quoted = (name: string): string =>
  JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name).replace(/[\p{Cf}\p{Zl}\p{Zp}]/gu, '')
