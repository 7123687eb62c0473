import type { z } from 'zod'

type Schema = z.core.JSONSchema.BaseSchema

/** One key of the manifest, for the table in docs/manifest.md. */
export interface KeyRow {
  /** `repos.NAME.checks[].timeout`; NAME stands for a name of one's own. */
  readonly key: string
  readonly type: string
  readonly required: boolean
  /** As one would write it; empty where leaving the key out means none. */
  readonly default: string
  readonly about: string
}

/** Every key that holds a value, in the order of the schema. */
export const keyRows = (schema: Schema): readonly KeyRow[] => {
  const rows = new Map<string, KeyRow>()
  const visit = (key: string, part: Schema, required: boolean): void => {
    const branches = (part.anyOf ?? part.oneOf ?? []).filter(({ type }) => type !== 'null')
    const inner = branches.filter(hasKeys)
    if (hasKeys(part)) visitKeys(key, part)
    for (const branch of inner) visitKeys(key, branch)
    if (hasKeys(part) || (inner.length > 0 && inner.length === branches.length)) return
    if (isList(part))
      for (const item of part.items.anyOf ?? [part.items]) if (hasKeys(item)) visitKeys(`${key}[]`, item)
    const old = rows.get(key)
    rows.set(key, {
      key,
      type: old === undefined ? typeOf(part) : joinTypes(old.type, typeOf(part)),
      required,
      default: defaultOf(part),
      about: old?.about || (part.description ?? ''),
    })
  }
  const visitKeys = (key: string, part: Schema): void => {
    for (const [name, inner] of Object.entries(part.properties ?? {})) {
      if (typeof inner === 'boolean') continue
      visit(key === '' ? name : `${key}.${name}`, inner, part.required?.includes(name) ?? false)
    }
    if (typeof part.additionalProperties === 'object') visit(`${key}.NAME`, part.additionalProperties, false)
  }
  visitKeys('', schema)
  return [...rows.values()]
}

/** The rows as a Markdown table. */
export const keyTable = (rows: readonly KeyRow[]): string =>
  [
    '| key | type | default | what it changes |',
    '|---|---|---|---|',
    ...rows.filter(isShown).map(({ key, type, required, default: preset, about }) => {
      const shown = required ? 'required' : preset === '' ? '' : `\`${preset}\``
      const cells = [`\`${key.replace('lanes.goal.', 'lanes.LANE.')}\``, type, shown, about]
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
    }),
  ].join('\n')

/** The five lanes have the same keys; one stands for all. */
const isShown = ({ key }: KeyRow): boolean => !/^(repos\.NAME\.)?lanes\.(?!goal\.)/.test(key)

/** A map with keys of ours, or one from a person's names to such a map; a map of plain text is a value. */
const hasKeys = (part: Schema): boolean =>
  part.properties !== undefined || (typeof part.additionalProperties === 'object' && part.title === undefined)

const isList = (part: Schema): part is Schema & { items: Schema } =>
  typeof part.items === 'object' && !Array.isArray(part.items)

const typeOf = (part: Schema): string => {
  if (part.title !== undefined) return part.title
  if (part.const !== undefined) return `\`${String(part.const)}\``
  if (part.enum !== undefined) return part.enum.map((value) => `\`${String(value)}\``).join(' | ')
  const branches = (part.anyOf ?? part.oneOf ?? []).filter(({ type }) => type !== 'null')
  if (branches.length > 0) return [...new Set(branches.map(typeOf))].join(' or ')
  if (isList(part)) return `list of ${typeOf(part.items)}`
  if (part.properties !== undefined) return 'map'
  const type: unknown = [part.type].flat().find((each) => each !== 'null')
  return type === 'string' ? 'text' : type === 'boolean' ? '`true` | `false`' : String(type ?? 'any')
}

const joinTypes = (a: string, b: string): string => (a === b ? a : `${a} | ${b}`)

const defaultOf = (part: Schema): string =>
  part.default === undefined || part.default === null
    ? ''
    : typeof part.default === 'string'
      ? part.default
      : JSON.stringify(part.default)
