import { LineCounter, parseDocument, type YAMLError } from 'yaml'
import { MAX_PROBLEMS, type ManifestProblem } from './manifest-problem.ts'
import { type ManifestSource, manifestSource } from './manifest-source.ts'
import { MAX_DEPTH, yamlOddities } from './yaml-oddities.ts'

export const MAX_MANIFEST_BYTES = 1024 * 1024

export type YamlResult =
  | { readonly ok: true; readonly data: unknown; readonly source: ManifestSource }
  | { readonly ok: false; readonly problems: readonly ManifestProblem[] }

/**
 * Reads the text of one YAML 1.2 document into plain data, with bounds on size, depth and aliases. A byte order mark
 * and CRLF line ends are fine. Everything odd (duplicate keys, tags, directives, merge keys, several documents,
 * control characters) is a problem at its place, never an exception.
 */
export const readYaml = (text: string, file: string): YamlResult => {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text
  const lines = new LineCounter()
  const problemAt = (offset: number, message: string, remedy: string): ManifestProblem => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), key: '', message, remedy }
  }
  const refuse = (...problems: ManifestProblem[]): YamlResult => ({
    ok: false,
    problems: problems.slice(0, MAX_PROBLEMS),
  })

  const bytes = Buffer.byteLength(body)
  if (bytes > MAX_MANIFEST_BYTES) {
    return refuse(
      problemAt(0, `the file has ${bytes} bytes, more than 1 MiB`, 'split the work over several manifests'),
    )
  }
  const control = controlCharacter(body)
  if (control !== null) return refuse(atOffset(file, body, control))

  const document = parseDocument(body, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
    // Asked in yamlOddities: here it takes quadratic time.
    uniqueKeys: false,
  })
  const faults = [...document.errors, ...document.warnings]
  if (faults.length > 0) {
    return refuse(...faults.map((fault) => problemAt(fault.pos[0], ...explainFault(fault))))
  }
  const odd = yamlOddities(document).map(({ offset, message, remedy }) => problemAt(offset, message, remedy))
  if (odd.length > 0) return refuse(...odd)
  return {
    ok: true,
    data: document.toJS({ maxAliasCount: -1 }),
    source: manifestSource(file, document, lines),
  }
}

/** Offset of the first control character YAML does not allow; tab, line feed and carriage return are fine. */
const controlCharacter = (text: string): number | null => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused
  const found = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.exec(text)
  return found === null ? null : found.index
}

const atOffset = (file: string, text: string, offset: number): ManifestProblem => {
  const before = text.slice(0, offset).split('\n')
  const code = text.charCodeAt(offset).toString(16).padStart(4, '0').toUpperCase()
  return {
    file,
    line: before.length,
    column: (before.at(-1) ?? '').length + 1,
    key: '',
    message: `the file holds the control character U+${code}`,
    remedy: 'save it as plain UTF-8 text without control characters',
  }
}

const REMEDY_BY_CODE: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS:
    'keep one document a file: remove the line with "---" and what follows, or make it a manifest of its own',
  TAB_AS_INDENT: 'indent with spaces',
  TAG_RESOLVE_FAILED: 'remove the tag (the word that begins with "!")',
  BLOCK_AS_IMPLICIT_KEY: 'put text that contains ": " in quotes',
  MISSING_CHAR: 'close the quote or bracket',
  BAD_INDENT: 'align the line with its neighbours',
  RESOURCE_EXHAUSTION: `nest at most ${MAX_DEPTH} levels`,
}

const explainFault = (fault: YAMLError): [string, string] => {
  const remedy = REMEDY_BY_CODE[fault.code] ?? 'mend the YAML at this place'
  if (fault.code === 'RESOURCE_EXHAUSTION') return ['the file is nested too deeply', remedy]
  if (fault.code === 'MULTIPLE_DOCS') return ['the file holds several YAML documents', remedy]
  const [sentence = ''] = fault.message.split('\n')
  return [`this is not readable YAML: ${sentence}`, remedy]
}
