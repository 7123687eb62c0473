import { describeIssue, explainIssue } from './explain-issue.ts'
import { MAX_PROBLEMS, type ManifestProblem } from './manifest-problem.ts'
import type { ManifestSource } from './manifest-source.ts'
import { readYaml } from './read-yaml.ts'
import { Manifest } from './schema/manifest.ts'

/** A manifest that fits the schema, with what was written and where. */
export interface ParsedManifest {
  /** Every default in place. */
  readonly data: Manifest
  readonly source: ManifestSource
}

export type ParseResult =
  | { readonly ok: true; readonly parsed: ParsedManifest }
  | { readonly ok: false; readonly problems: readonly ManifestProblem[] }

/**
 * Reads a manifest's text. All problems come at once (at most {@link MAX_PROBLEMS}), in the order of the file, each
 * with its line and column; nothing is thrown.
 * @param file how messages name the file
 */
export const parseManifest = (text: string, file: string): ParseResult => {
  const yaml = readYaml(text, file)
  if (!yaml.ok) return yaml
  const { data, source } = yaml
  if (data === null || typeof data !== 'object' || Array.isArray(data)) {
    const message = data === null ? 'the file is empty' : 'the file must be a map of keys'
    return {
      ok: false,
      problems: [source.place({ at: [], message, remedy: 'begin with "version: 1" and "name: …"' })],
    }
  }
  const result = Manifest.safeParse(data, { error: describeIssue })
  if (result.success) return { ok: true, parsed: { data: result.data, source } }
  const problems = result.error.issues
    .flatMap((issue) => explainIssue(issue, data))
    .map(({ place, ...finding }) => source.place(finding, place))
  return { ok: false, problems: inFileOrder(problems).slice(0, MAX_PROBLEMS) }
}

/** Problems as a reader meets them, top to bottom. */
export const inFileOrder = (problems: readonly ManifestProblem[]): ManifestProblem[] =>
  problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
