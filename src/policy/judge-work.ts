import type { PolicyConfig, RepoConfig } from '../contracts/compiled-manifest.ts'
import type { LaneName } from '../contracts/lane-name.ts'
import type { Proposal } from '../contracts/planning.ts'
import type { PolicyDecision, PolicyFinding } from '../contracts/policy-decision.ts'
import type { TamperingReport } from '../contracts/tampering.ts'
import type { ChangedFile, Measurement } from '../contracts/work.ts'
import { explainFindings } from './explain.ts'
import { judgeKind } from './judge-kind.ts'
import { filesToRestore, judgeTampering } from './judge-tampering.ts'
import { matchesPath, pathPattern } from './path-pattern.ts'
import { type PathRule, pathRules, ruleFor } from './path-rules.ts'

export interface WorkContext {
  readonly repo: RepoConfig
  readonly policy: PolicyConfig
  readonly lane: LaneName
  /** What the change does to what judges it. */
  readonly tampering: TamperingReport
}

/**
 * Judges what was really changed, file by file, as git measured it against the fixed base. What was not measured is
 * refused: a guess is never scope.
 */
export const judgeWork = (
  proposal: Pick<Proposal, 'allowedPaths' | 'type' | 'labels' | 'trust'>,
  { changed }: Pick<Measurement, 'changed'>,
  context: WorkContext,
): PolicyDecision => {
  if (changed.status === 'NONE') return explainFindings([])
  if (changed.status !== 'KNOWN') {
    const why = changed.status === 'UNKNOWN' ? changed.reason : 'they were not measured'
    const message = `it is not known which files changed (${why})`
    return explainFindings([{ rule: 'path.changed_files_unknown', effect: 'block', message, path: null }])
  }
  const judgePath = pathJudge(proposal.allowedPaths, context.repo)
  const perFile = changed.files.flatMap((file) => [...judgeKind(file), ...judgePath(file.path)])
  const { tampering } = context
  return {
    ...explainFindings([
      ...judgeTampering(tampering, proposal, context),
      ...perFile,
      ...judgeSize(changed.files, context.policy),
    ]),
    restore: filesToRestore(tampering, proposal, context),
  }
}

/** Scope first: both the repository's and the task's must take a file in. Then the rule that speaks about it. */
const pathJudge = (declared: readonly string[], repo: RepoConfig): ((path: string) => PolicyFinding[]) => {
  const scopes = [
    { patterns: read(repo.allowedPaths), name: `repos.${repo.key}.allowed_paths` },
    { patterns: read(declared), name: 'the task’s allowed paths' },
  ]
  const rules = pathRules(repo)
  return (path) => [
    ...scopes
      .filter(
        ({ patterns }) => patterns.length > 0 && !patterns.some((pattern) => matchesPath(pattern, path)),
      )
      .slice(0, 1)
      .map(
        ({ name }): PolicyFinding => ({
          rule: 'path.outside_allowed',
          effect: 'block',
          message: `${show(path)} was changed outside ${name}`,
          path,
        }),
      ),
    ...judgeRule(path, ruleFor(rules, path)),
  ]
}

const read = (patterns: readonly string[]) => patterns.map((text) => pathPattern(text, { ignoreCase: false }))

const judgeRule = (path: string, rule: PathRule | null): PolicyFinding[] => {
  if (rule === null) return []
  const block = rule.effect === 'block'
  const message = `${show(path)} was changed, which ${rule.because}`
  return [{ rule: block ? 'path.blocked' : 'path.review_required', effect: rule.effect, message, path }]
}

const judgeSize = (
  files: readonly ChangedFile[],
  { maxChangedFiles, maxChangedLines }: PolicyConfig,
): PolicyFinding[] => {
  const findings: PolicyFinding[] = []
  if (maxChangedFiles !== null && files.length > maxChangedFiles) {
    const message = `${files.length} files were changed, more than policy.max_changed_files (${maxChangedFiles})`
    findings.push({ rule: 'size.max_changed_files', effect: 'block', message, path: null })
  }
  if (maxChangedLines === null) return findings
  const lines = files.reduce((sum, file) => sum + (file.linesAdded ?? 0) + (file.linesRemoved ?? 0), 0)
  const uncounted = files.filter((file) => file.linesAdded === null || file.linesRemoved === null)
  if (lines > maxChangedLines) {
    const message = `${lines} lines were changed, more than policy.max_changed_lines (${maxChangedLines})`
    findings.push({ rule: 'size.max_changed_lines', effect: 'block', message, path: null })
  } else if (uncounted[0] !== undefined) {
    const more = uncounted.length > 1 ? ` and ${uncounted.length - 1} more` : ''
    const message = `${show(uncounted[0].path)}${more} cannot be counted in lines, which policy.max_changed_lines limits`
    findings.push({ rule: 'size.lines_unknown', effect: 'review', message, path: uncounted[0].path })
  }
  return findings
}

/** A path as it may stand in a sentence: file names can hold line ends and escapes. */
const show = (path: string): string =>
  /^[\p{L}\p{N}\p{P}\p{S} ]+$/u.test(path) ? path : JSON.stringify(path)
