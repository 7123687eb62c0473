import type { Tampering, TamperingReport } from '../../contracts/tampering.ts'
import { withoutSecretShapes } from '../../platform/secrets/redact-shapes.ts'
import { type ChangedSource, type ChangedText, changedSource } from './changed-source.ts'
import { checkCommands, isProgram } from './check-commands.ts'
import { TAMPERING_RULES } from './tampering-rules.ts'
import { holdsTests, pairTests, type TestPair, testCases } from './test-cases.ts'

/**
 * Judges what a change does to the tests, the checks and their settings. Pure: the same change gives the same report.
 * @param checks the command lines of the repository's checks
 */
export const findTampering = (
  changed: readonly ChangedText[],
  checks: readonly string[],
): TamperingReport => {
  const files = changed.map(changedSource)
  const tests = pairsOf(files)
  const change = { files, tests, moved: movedFiles(files, tests), commands: checkCommands(checks) }
  const found = TAMPERING_RULES.flatMap(({ id, concerns, find }) =>
    find(change).map(
      ({ path, line, what }): Tampering => ({
        rule: id,
        concerns,
        path,
        line,
        message: withoutSecretShapes(`${show(path)}${line === null ? '' : `:${line}`} ${what}`),
      }),
    ),
  )
  const judges = changed
    .filter(({ path, before }, index) => {
      const judging = files[index]?.role !== 'other' || isProgram(change.commands, path)
      return before !== null && judging && !change.moved.has(path)
    })
    .map(({ path }) => path)
  return { found, judges }
}

const pairsOf = (files: readonly ChangedSource[]): TestPair[] => {
  const cases = (side: 'before' | 'after') =>
    files.flatMap((file) => {
      const syntax = file.isData ? null : holdsTests(file)
      return syntax === null ? [] : testCases(file.path, file[side], syntax)
    })
  return pairTests(cases('before'), cases('after'))
}

/** Files that are gone and whose content, or every test of which, stands in another file of the same change. */
const movedFiles = (files: readonly ChangedSource[], tests: readonly TestPair[]): Set<string> => {
  const added = new Set(
    files.flatMap(({ before, after }) => (before === null && after !== null ? [after.text] : [])),
  )
  const byFile = Map.groupBy(tests, ({ before }) => before.path)
  return new Set(
    files
      .filter(({ path, before, after }) => {
        if (before === null || after !== null) return false
        const own = byFile.get(path) ?? []
        return added.has(before.text) || (own.length > 0 && own.every((pair) => pair.after !== null))
      })
      .map(({ path }) => path),
  )
}

/** A path as it may stand in a sentence: file names can hold line ends, escapes and marks that reorder text. */
const show = (path: string): string =>
  /^[\p{L}\p{N}\p{P}\p{S} ]+$/u.test(path)
    ? path
    : JSON.stringify(path).replace(
        /[\p{Cf}\p{Zl}\p{Zp}]/gu,
        (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`,
      )
