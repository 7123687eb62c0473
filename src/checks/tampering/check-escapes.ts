import type { LookedFor } from './added-matches.ts'
import type { ChangedSource } from './changed-source.ts'

/** Files that say how a project is built and checked, or that do it. */
const BUILD_FILE =
  /(?:^|\/)(?:package\.json|pom\.xml|[^/]*\.gradle(?:\.kts)?|[^/]*\.(?:cs|fs|vb)proj|directory\.build\.\w+|makefile|gnumakefile|justfile|rakefile|setup\.(?:cfg|py)|pyproject\.toml|cargo\.toml|[^/]*\.(?:sh|bash|mk)|[^/]*\.ya?ml)$/i

/** Files whose lines are mostly commands of the build; in a script of another kind such a line may well be right. */
const COMMAND_FILE = /(?:^|\/)(?:package\.json|(?:gnu)?makefile|[^/]*\.mk|justfile)$/i

/** What leaves checks out. */
const SKIPS: LookedFor = {
  in: 'code',
  pattern:
    /-DskipTests\b|\bmaven\.test\.skip\b|<skipTests>|<skip>[ \t]{0,4}true|\btestFailureIgnore\b|\bignoreFailures?\b[ \t]{0,4}[=:]?[ \t]{0,4}true|--passWithNoTests\b|\bpassWithNoTests\b|--no-verify\b|\bcontinue-on-error\b|\ballow_failure\b|--exit-zero\b|--deselect\b|\b(?:test|coverage)PathIgnorePatterns\b|--max-warnings\b/g,
}

/** What lets a command pass that fails. */
const IGNORES: LookedFor = {
  in: 'code',
  pattern:
    /\|\|[ \t]{0,4}(?:true|:|exit[ \t]{1,4}0)(?=["';)\s]|$)|;[ \t]{0,4}exit[ \t]{1,4}0(?=["';)\s]|$)|\bset[ \t]{1,4}\+e\b/gm,
}

/** What to look for in one file; null where nothing is built or checked. */
export const escapesIn = (file: ChangedSource): readonly LookedFor[] | null => {
  if (!BUILD_FILE.test(file.path) || file.role === 'fixture') return null
  return COMMAND_FILE.test(file.path) ? [SKIPS, IGNORES] : [SKIPS]
}

const THRESHOLD =
  /\b(branches|functions|lines|statements|fail[_-]under|cov-fail-under|minimum(?:_coverage|Coverage)?|threshold\w*|mutationScore|break)\b["']?[ \t]{0,4}[=:(]?[ \t]{0,4}(\d{1,3}(?:\.\d{1,4})?)(?!\d)/gi

/** A limit of coverage that is lower than before, in whatever file of the project's own settings; null: none. */
export const loweredThreshold = (
  file: ChangedSource,
): { readonly line: number; readonly text: string } | null => {
  if (
    file.before === null ||
    file.after === null ||
    !/\.(?:json|jsonc|toml|ini|cfg|ya?ml|xml|[cm]?[jt]s|rb|kts?|gradle)$|rc$/i.test(file.path)
  )
    return null
  if (
    file.role !== 'runner' &&
    !/(?:^|\/)(?:package\.json|pyproject\.toml|setup\.cfg|build\.gradle(?:\.kts)?|pom\.xml|\.?coverage\w*)$/i.test(
      file.path,
    )
  )
    return null
  const old = new Map<string, number>()
  for (const [, name = '', value] of file.before.code.matchAll(THRESHOLD))
    old.set(name.toLowerCase(), Math.max(old.get(name.toLowerCase()) ?? 0, Number(value)))
  for (const match of file.after.code.matchAll(THRESHOLD)) {
    const was = old.get((match[1] ?? '').toLowerCase())
    if (was !== undefined && Number(match[2]) < was)
      return {
        line: file.after.text.slice(0, match.index).split('\n').length,
        text: `${match[1]} from ${was} to ${match[2]}`,
      }
  }
  return null
}
