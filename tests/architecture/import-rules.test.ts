import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')

/** Which of our own folders each folder may import; the first matching row decides. Type-only imports of ports are marked. */
const RULES: ReadonlyArray<{ from: string; may: readonly string[]; mayAsType?: readonly string[] }> = [
  { from: 'src/contracts/', may: ['src/contracts/'] },
  { from: 'src/platform/', may: ['src/contracts/', 'src/platform/'] },
  { from: 'src/durable/', may: ['src/contracts/', 'src/platform/', 'src/durable/'] },
  ...[
    'manifest',
    'board',
    'forge',
    'workspace',
    'agents',
    'checks',
    'policy',
    'budget',
    'gates',
    'evidence',
    'telemetry',
    'autonomy',
  ].map((name) => ({ from: `src/${name}/`, may: ['src/contracts/', 'src/platform/', `src/${name}/`] })),
  {
    from: 'src/effects/',
    may: ['src/contracts/', 'src/platform/', 'src/effects/', 'src/durable/effect.ts'],
    mayAsType: ['src/'],
  },
  { from: 'machines/', may: ['src/contracts/', 'machines/'] },
  {
    from: 'supervisor/',
    may: ['machines/', 'src/contracts/', 'src/platform/', 'src/durable/', 'supervisor/'],
  },
  { from: 'src/cli/', may: ['src/', 'machines/', 'supervisor/'] },
]

/** Packages that stay in the place made for them. */
const PACKAGE_HOMES: ReadonlyArray<{ name: RegExp; homes: readonly string[] }> = [
  { name: /^(execa|tree-kill|simple-git|chokidar|write-file-atomic)$/, homes: ['src/platform/'] },
  { name: /^node:child_process$/, homes: ['src/platform/', 'supervisor/keeper/', 'src/cli/build/'] },
  { name: /^node:sqlite$/, homes: ['src/platform/exclusive-lock.ts', 'src/durable/'] },
  { name: /^commander$/, homes: ['src/cli/'] },
  { name: /^yaml$/, homes: ['src/manifest/', 'src/board/'] },
  { name: /^pino$/, homes: ['src/telemetry/'] },
  { name: /^@secretlint\//, homes: ['src/checks/secrets/'] },
  { name: /^@agentclientprotocol\//, homes: ['src/agents/acp/'] },
  { name: /^@anthropic-ai\/sandbox-runtime/, homes: ['src/platform/sandbox/'] },
  { name: /^ws$/, homes: ['src/cli/inspect/'] },
  { name: /^xstate/, homes: ['machines/', 'src/durable/', 'supervisor/', 'src/cli/'] },
]

/** Only these folders read the clock or draw random bytes. */
const CLOCK_WORDS =
  /\b(Date\.now\(|new Date\(\)|Math\.random\(|random(Bytes|UUID|Int|FillSync)\(|getRandomValues\(|performance\.now\(|process\.hrtime|process\.kill\()/
const CLOCK_HOMES = ['src/platform/', 'supervisor/keeper/', 'supervisor/status/']

interface Import {
  readonly file: string
  readonly target: string
  readonly typeOnly: boolean
}

const sources = ['src', 'machines', 'supervisor'].flatMap((top) =>
  readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(top, name)),
)

const importsOf = (file: string): Import[] => {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^'"\n;]*?(?:\{[^}]*\})?[^'"\n;]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)\s*import\s+'([^']+)'/g,
  )
  return [...found].map((match) => {
    const specifier = (match[2] ?? match[3] ?? match[4]) as string
    const target = specifier.startsWith('.')
      ? relative(ROOT, resolve(join(ROOT, dirname(file)), specifier))
      : specifier
    return { file, target, typeOnly: match[1] !== undefined }
  })
}

const all = sources.flatMap(importsOf)

describe('import rules', () => {
  test('the walk sees the tree', () => expect(all.length).toBeGreaterThan(100))

  test('every folder imports only what it may', () => {
    const broken = all
      .filter(({ target }) => /^(src|machines|supervisor|tests|manifests)\//.test(target))
      .filter(({ file, target, typeOnly }) => {
        const rule = RULES.find((row) => file.startsWith(row.from))
        const allowed = [...(rule?.may ?? []), ...(typeOnly ? (rule?.mayAsType ?? []) : [])]
        return !allowed.some((prefix) => target.startsWith(prefix))
      })
    expect(broken.map(({ file, target }) => `${file} → ${target}`)).toEqual([])
  })

  test('every package stays at home', () => {
    const broken = all.filter(({ file, target }) =>
      PACKAGE_HOMES.some(
        ({ name, homes }) => name.test(target) && !homes.some((home) => file.startsWith(home)),
      ),
    )
    expect(broken.map(({ file, target }) => `${file} → ${target}`)).toEqual([])
  })

  test('contracts import zod only, machines xstate, zod and contracts only', () => {
    const broken = all.filter(
      ({ file, target }) =>
        (file.startsWith('src/contracts/') && !/^(zod|src\/contracts\/)/.test(target)) ||
        (file.startsWith('machines/') && !/^(xstate|zod|src\/contracts\/|machines\/)/.test(target)),
    )
    expect(broken.map(({ file, target }) => `${file} → ${target}`)).toEqual([])
  })

  test('only the platform reads the clock, draws random numbers or signals', () => {
    const broken = sources
      .filter((file) => !CLOCK_HOMES.some((home) => file.startsWith(home)))
      .filter((file) => CLOCK_WORDS.test(readFileSync(join(ROOT, file), 'utf8')))
    expect(broken).toEqual([])
  })

  test('nobody imports the command line or the tests', () => {
    const broken = all.filter(
      ({ file, target }) =>
        target.startsWith('tests/') || (target.startsWith('src/cli/') && !file.startsWith('src/cli/')),
    )
    expect(broken.map(({ file, target }) => `${file} → ${target}`)).toEqual([])
  })
})
