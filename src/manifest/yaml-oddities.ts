import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml'

/** How deep maps and lists may be nested; the deepest key we know is at five. */
export const MAX_DEPTH = 20
/** Nodes after aliases are expanded: a small file must not become a large one. */
const MAX_NODES = 100_000

/** Something that is legal YAML but no honest manifest, at its offset in the text. */
export interface YamlOddity {
  readonly offset: number
  readonly message: string
  readonly remedy: string
}

/** Finds them all. Aliases are followed, so that the bounds hold for what the document expands to. */
export const yamlOddities = (document: Document): YamlOddity[] => {
  const found: YamlOddity[] = []
  const open = new Set<unknown>()
  let nodes = 0

  const visit = (node: unknown, depth: number, offset: number): void => {
    nodes += 1
    if (nodes > MAX_NODES) return
    if (depth > MAX_DEPTH) {
      found.push({
        offset,
        message: `the file is nested more than ${MAX_DEPTH} levels deep`,
        remedy: 'nest less',
      })
      return
    }
    if (isAlias(node)) followAlias(node, depth, offset)
    if (!isMap(node) && !isSeq(node)) return
    open.add(node)
    const seen = new Set<string>()
    for (const item of node.items) {
      if (isMap(node)) visitPair(item as { key: unknown; value: unknown }, depth, seen)
      else visit(item, depth + 1, startOf(item) ?? offset)
    }
    open.delete(node)
  }

  const visitPair = (
    { key, value }: { key: unknown; value: unknown },
    depth: number,
    seen: Set<string>,
  ): void => {
    const odd = explainOddKey(key, seen)
    const offset = startOf(key) ?? 0
    if (odd === null) visit(value, depth + 1, startOf(value) ?? offset)
    else found.push({ offset, ...odd })
  }

  const followAlias = (alias: Alias, depth: number, offset: number): void => {
    const target = alias.resolve(document)
    if (target !== undefined && !open.has(target)) {
      visit(target, depth, offset)
      return
    }
    const message =
      target === undefined
        ? `nothing is named &${alias.source} before the alias *${alias.source}`
        : `the alias *${alias.source} contains itself`
    found.push({ offset, message, remedy: 'write the value out' })
  }

  const { yaml } = document.directives ?? {}
  if (yaml?.explicit && yaml.version !== '1.2') {
    found.push({
      offset: 0,
      message: 'the file asks for another version of YAML',
      remedy: 'remove the %YAML line; manifests are YAML 1.2',
    })
  }
  visit(document.contents, 0, 0)
  if (nodes > MAX_NODES) {
    found.push({
      offset: 0,
      message: `the file expands to more than ${MAX_NODES} values`,
      remedy: 'use fewer aliases, or split it over several manifests',
    })
  }
  return found
}

const startOf = (node: unknown): number | null => (node as Node | null)?.range?.[0] ?? null

/** `seen` holds the keys this map has had so far; `1` and `"1"` are the same one to us. */
const explainOddKey = (key: unknown, seen: Set<string>): { message: string; remedy: string } | null => {
  if (!isScalar(key) || key.value === null || key.value === '') {
    return { message: 'a key must be one word', remedy: 'write the key as plain text before the colon' }
  }
  if (key.value === '<<') {
    return {
      message: 'merge keys ("<<") are not read',
      remedy: 'write the keys out, or alias a whole value with *name',
    }
  }
  if (key.value === '__proto__') return { message: 'this key is not allowed', remedy: 'choose another name' }
  const name = String(key.value)
  if (!seen.has(name)) {
    seen.add(name)
    return null
  }
  return {
    message: `the key ${JSON.stringify(name.slice(0, 80))} stands here a second time`,
    remedy: 'remove one of the two, or merge their contents',
  }
}
