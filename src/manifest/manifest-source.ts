import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml'
import {
  formatKeyPath,
  type KeyPath,
  type ManifestFinding,
  type ManifestProblem,
} from './manifest-problem.ts'

/** Finds the place of a key in the file that was read. Lines and columns count from 1. */
export interface ManifestSource {
  readonly file: string
  /** The line a key stands on; null where the file does not have it. */
  lineOf(path: KeyPath): number | null
  /** The finding at its place: the value, the key of a map or list, or the nearest key above what is missing. */
  place(finding: ManifestFinding, at?: 'key' | 'value'): ManifestProblem
}

/** Reads positions from the parsed document's own nodes; an alias stands where it is used. */
export const manifestSource = (file: string, document: Document, lines: LineCounter): ManifestSource => ({
  file,
  lineOf: (path) => {
    const found = walk(document, path)
    return found.whole ? lines.linePos(found.keyOffset).line : null
  },
  place: ({ at: path, because, message, remedy }, at = 'value') => {
    const named = walk(document, path)
    const found = named.whole || because === undefined ? named : walk(document, because)
    const offset = at === 'value' ? found.valueOffset : found.keyOffset
    const { line, col } = lines.linePos(offset)
    return {
      file,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      key: formatKeyPath(path),
      message,
      remedy,
    }
  },
})

interface Place {
  readonly keyOffset: number
  readonly valueOffset: number
  /** False where the path leaves what the file has. */
  readonly whole: boolean
}

const walk = (document: Document, path: KeyPath): Place => {
  let node: unknown = document.contents
  let place: Place = { keyOffset: 0, valueOffset: 0, whole: true }
  for (const part of path) {
    const parent = isAlias(node) ? node.resolve(document) : node
    const step = isMap(parent)
      ? pairsOf(parent).get(String(part))
      : isSeq(parent) && typeof part === 'number'
        ? { key: null, value: parent.items[part] }
        : undefined
    if (step === undefined || (step.key === null && step.value === undefined))
      return { ...place, whole: false }
    node = step.value
    const keyOffset = startOf(step.key) ?? startOf(node) ?? place.keyOffset
    place = { keyOffset, valueOffset: valueOffset(node) ?? keyOffset, whole: true }
  }
  return place
}

/** Looked up by name once a map: fifty thousand wrong keys must not take fifty thousand searches. */
const pairsOf = (map: YAMLMap): ReadonlyMap<string, Pair> => {
  const known = indexes.get(map)
  if (known !== undefined) return known
  const index = new Map(map.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : '', pair]))
  indexes.set(map, index)
  return index
}

const indexes = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>()

const startOf = (node: unknown): number | null => (node as Node | null)?.range?.[0] ?? null

/** Scalars are pointed at; a map or list is found sooner by its key, and an empty value has no place of its own. */
const valueOffset = (node: unknown): number | null =>
  (isScalar(node) && node.value !== null) || isAlias(node) ? startOf(node) : null
