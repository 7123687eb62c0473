import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { GATE_VERSION } from '../../machines/durable/gate-machine.ts'
import { REVIEW_VERSION } from '../../machines/durable/review-machine.ts'
import { TASK_VERSION } from '../../machines/durable/task-machine.ts'
import { findCommand } from '../../src/cli/commands.ts'
import { loadPorts } from '../../src/cli/compose/load-ports.ts'
import { FAILURE_CLASSES } from '../../src/contracts/failure.ts'
import { SCHEMA_VERSION } from '../../src/durable/sqlite/schema.ts'
import { compiled, publicKey, testContext } from '../manifest/compile-text.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const page = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'))].map(
  (name) => (name === 'README.md' ? name : `docs/${name}`),
)

describe('what people copy', () => {
  test.each(['README.md', 'docs/quickstart.md'])('the manifest of %s is in order, and short', (path) => {
    const [, manifest = ''] = /```yaml\n((?:#.*\n)?version: 1\n[\s\S]*?)```/.exec(page(path)) ?? []
    const context = testContext({ '/home/ada/.ssh/id_ed25519.pub': publicKey(1) })
    const { agentTypes } = loadPorts(process.env)
    expect(compiled(manifest, { ...context, agentTypes }).lanes.goal?.agent).toBe('coder')
    expect(manifest.trimEnd().split('\n').length).toBeLessThanOrEqual(25)
  })
})

describe('what people type', () => {
  /** `oc-supervise …` in blocks of shell and in running text, up to whatever ends a command there. */
  const commandLines = (path: string): string[][] =>
    [...page(path).matchAll(/\boc-supervise((?: +[^\s`|;&()<>#]+)+)/g)]
      .map(([, words = '']) => words.trim().split(/ +/))
      .filter(([name = '']) => findCommand(name) !== null)

  const unknownIn = async ([name = '', ...words]: string[]): Promise<string[]> => {
    const command = (await findCommand(name)?.load())?.command()
    const sub = command?.commands.find((each) => each.name() === words[0])
    const options = [...(command?.options ?? []), ...(sub?.options ?? [])]
    const known = options.flatMap(({ long, short }) => [long, short])
    const typed = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/[.,:=].*$/, ''))
    const isUnknownSub =
      (command?.commands.length ?? 0) > 0 && sub === undefined && /^[a-z]+$/.test(words[0] ?? '')
    return [
      ...(isUnknownSub ? [`${name} ${words[0]}`] : []),
      ...typed.filter((word) => !known.includes(word)),
    ]
  }

  test.each(PAGES)('%s names commands and options that there are', async (path) => {
    const unknown = await Promise.all(commandLines(path).map(unknownIn))
    expect(unknown.flat()).toEqual([])
  })

  test('the pages are read for them', () => {
    expect(commandLines('docs/quickstart.md').length).toBeGreaterThan(20)
  })
})

describe('what the pages list', () => {
  test('every package that is needed to run, and no other', () => {
    const { dependencies } = JSON.parse(page('package.json'))
    const rows = [...page('docs/dependencies.md').matchAll(/^\| ([@a-z][^|]*?) *\|/gm)].flatMap(
      ([, names = '']) => names.split(', '),
    )
    expect(rows.filter((name) => name !== 'package').sort()).toEqual(Object.keys(dependencies).sort())
  })

  test('every class of failure, in the order in which they are asked', () => {
    const rows = [...page('docs/failure-codes.md').matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name]) => name)
    expect(rows).toEqual([...FAILURE_CLASSES])
  })

  test('the versions of journal and machines', () => {
    const versions = [TASK_VERSION, REVIEW_VERSION, GATE_VERSION]
    expect(page('docs/compatibility.md')).toContain(
      `state machines \`task\`, \`review\`, \`gate\` | ${versions.join(', ')};`,
    )
    expect(page('docs/compatibility.md')).toContain(`schema version ${SCHEMA_VERSION} |`)
  })
})

describe('what the pages point to', () => {
  test.each(PAGES)('%s names files of ours that are there', (path) => {
    const named = [...page(path).matchAll(/`((?:src|supervisor|machines|tests|manifests)\/[\w./-]+)`/g)]
      .map(([, file = '']) => file)
      .filter((file) => !/[A-Z]{4}/.test(basename(file)) && !/\/[A-Z]{4,}/.test(file))
      // Examples of path patterns, not files of ours.
      .filter((file) => path !== 'docs/manifest.md' || !file.startsWith('src/'))
    expect(named.filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
  })

  test.each(PAGES)('%s links to pages and headings that are there', (path) => {
    const links = [...page(path).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)]
    const broken = links.filter(([, to = '', heading]) => {
      const file = to === '' ? join(ROOT, path) : resolve(ROOT, path, '..', to)
      return !existsSync(file) || (heading !== undefined && !headingsOf(file).includes(heading))
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })

  /** As GitHub makes anchors of them. */
  const headingsOf = (file: string): string[] =>
    [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    )
})
