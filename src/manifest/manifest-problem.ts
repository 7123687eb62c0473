/** Where a key stands: map keys and list positions from the top. */
export type KeyPath = readonly (string | number)[]

/** Something wrong at a key, before it has been located in the file. */
export interface ManifestFinding {
  readonly at: KeyPath
  /** Where the file does not have that key: the one that calls for it. */
  readonly because?: KeyPath
  /** What is wrong, with the value that was found. */
  readonly message: string
  /** What to write instead. */
  readonly remedy: string
}

/** One thing wrong with a manifest, at its place. Lines and columns count from 1. */
export interface ManifestProblem {
  readonly file: string
  readonly line: number
  readonly column: number
  /** `repos.api.checks[0].timeout`; empty where the whole file is meant. */
  readonly key: string
  readonly message: string
  readonly remedy: string
}

/** How many problems one reading reports; what lies behind them is usually the same mistake again. */
export const MAX_PROBLEMS = 50

/** `['repos', 'api', 'checks', 0]` → `repos.api.checks[0]`. Keys that are not plain words are quoted. */
export const formatKeyPath = (path: KeyPath): string =>
  path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`
      const word = /^[A-Za-z0-9_-]+$/.test(part) ? part : JSON.stringify(part.slice(0, 80))
      return index === 0 ? word : `.${word}`
    })
    .join('')

/** `file:line:column: key: what is wrong; what to do`. */
export const formatProblem = (problem: ManifestProblem): string => {
  const { file, line, column, key, message, remedy } = problem
  return `${file}:${line}:${column}: ${key === '' ? '' : `${key}: `}${message}; ${remedy}`
}
