import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseAst } from 'rolldown/parseAst'
import { expect, test } from 'vitest'

const TESTS = resolve(import.meta.dirname, '..')

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

const childrenOf = (node: Node): Node[] => Object.values(node).flat().filter(isNode)

/** `it` of `it(…)`, `it.each(…)(…)` and `it.skipIf(…)(…)`; null for a call of anything else. */
const calledName = (callee: unknown): string | null => {
  if (!isNode(callee)) return null
  if (callee.type === 'Identifier') return String(callee.name)
  if (callee.type === 'CallExpression' || callee.type === 'TaggedTemplateExpression')
    return calledName(callee.callee ?? callee.tag)
  return callee.type === 'MemberExpression' ? calledName(callee.object) : null
}

/** Every test of a file under the names of the groups it stands in, as the source writes them. */
const testNames = (source: string, node: Node = parse(source), groups = ''): string[] => {
  if (node.type !== 'CallExpression')
    return childrenOf(node).flatMap((each) => testNames(source, each, groups))
  const [title] = node.arguments as Node[]
  const called = calledName(node.callee)
  const isTitled = title?.type === 'Literal' || title?.type === 'TemplateLiteral'
  const name = isTitled ? `${groups} > ${source.slice(title.start + 1, title.end - 1)}` : groups
  // What fills a title's blanks tells its tests apart from those of another table.
  const blanks = (node.callee as Node).arguments as Node[] | undefined
  const filled = blanks?.map(({ start, end }) => ` ${source.slice(start, end)}`).join() ?? ''
  if (isTitled && (called === 'it' || called === 'test')) return [`${name}${filled}`]
  return childrenOf(node).flatMap((each) => testNames(source, each, called === 'describe' ? name : groups))
}

const parse = (source: string): Node => parseAst(source, { lang: 'ts' }) as unknown as Node

const twiceIn = (source: string): string[] => {
  const names = testNames(source)
  return names.filter((name, at) => names.indexOf(name) !== at)
}

test('no file names two tests alike: a report must say which one failed', () => {
  const sources = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
    // The programs of agents that are installed under tests/ bring tests of their own.
    .filter((file) => file.endsWith('.test.ts') && !file.split('/').includes('node_modules'))
    .map((file) => ({ file, source: readFileSync(join(TESTS, file), 'utf8') }))
  expect(sources.flatMap(({ source }) => testNames(source)).length).toBeGreaterThan(1_000)
  expect(sources.flatMap(({ file, source }) => twiceIn(source).map((name) => `${file}${name}`))).toEqual([])
})

test('two of a name in one group are found; in two groups, or of two tables, they differ', () => {
  const a = (tests: string): string[] => twiceIn(`describe('a', () => { ${tests} })`)
  expect(a("it('x', f); it.skipIf(no)('y', f); test('x', f)")).toEqual([' > a > x'])
  expect(a("it.each([1])('%s', f); it.each([1])('%s', f)")).toEqual([' > a > %s [1]'])
  expect(a("it.each([1])('%s', f); it.each([2])('%s', f)")).toEqual([])
  expect(a("test('x', f) }); describe('b', () => { test('x', f)")).toEqual([])
})
