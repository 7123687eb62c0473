import { formatKeyPath, type KeyPath } from './manifest-problem.ts'
import type { ParsedManifest } from './parse-manifest.ts'

/** One value in force and where it comes from. */
export interface EffectiveValue {
  /** `repos.api.merge` */
  readonly key: string
  readonly value: string | number | boolean | null | readonly never[] | Readonly<Record<string, never>>
  /** The line of the manifest that says so, or `default`. */
  readonly origin: { readonly line: number } | 'default'
}

/**
 * Every value in force, one row each, in the order of the schema: what the file says with its line, everything else
 * as default. Durations and sizes as they are written; secrets only as references; empty lists and maps as such.
 * @param stateDir the folder `compileManifest` arrived at
 */
export const effectiveManifest = (
  { data, source }: ParsedManifest,
  stateDir: string,
): readonly EffectiveValue[] => {
  const rows: EffectiveValue[] = []
  const visit = (at: KeyPath, value: unknown): void => {
    if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
      const entries = Array.isArray(value)
        ? value.map((item, index) => [index, item] as const)
        : Object.entries(value)
      for (const [key, inner] of entries) if (inner !== undefined) visit([...at, key], inner)
      return
    }
    const line = source.lineOf(at)
    rows.push({
      key: formatKeyPath(at),
      value: value as EffectiveValue['value'],
      origin: line === null ? 'default' : { line },
    })
  }
  visit([], data.state_dir === null ? { ...data, state_dir: stateDir.slice(0, -data.name.length - 1) } : data)
  return rows
}

/** `key: value  # line 12`, the comments in one column. */
export const formatEffective = (rows: readonly EffectiveValue[]): string => {
  const lines = rows.map(({ key, value, origin }) => ({
    text: `${key}: ${JSON.stringify(value)}`,
    comment: origin === 'default' ? 'default' : `line ${origin.line}`,
  }))
  const width = Math.min(WIDEST, Math.max(...lines.map(({ text }) => text.length)))
  return lines.map(({ text, comment }) => `${text.padEnd(width)}  # ${comment}`).join('\n')
}

const WIDEST = 70
