import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a repository says about how it is tested. */
export interface DetectedChecks {
  readonly setup: readonly string[]
  readonly checks: readonly string[]
  /** Where setup, or the checks where there is no setup, fetch what they need; the sandbox lets nothing else through. */
  readonly network: readonly string[]
  /** The file that says so; null where none does. */
  readonly source: string | null
}

/** The first file that tells decides. */
export const detectChecks = (root: string): DetectedChecks => {
  for (const { file, read } of KINDS) {
    const text = readOrNull(join(root, file))
    const found = text === null ? null : read(text, root)
    if (found !== null) return { ...found, source: file }
  }
  return { setup: [], checks: [], network: [], source: null }
}

interface Kind {
  readonly file: string
  /** Null where the file names no test. */
  readonly read: (text: string, root: string) => Omit<DetectedChecks, 'source'> | null
}

const KINDS: readonly Kind[] = [
  { file: 'package.json', read: (text, root) => nodeChecks(text, root) },
  {
    file: 'Makefile',
    read: (text) => (/^test\s*:(?!=)/m.test(text) ? { setup: [], checks: ['make test'], network: [] } : null),
  },
  { file: 'pyproject.toml', read: (text, root) => pythonChecks(text, root) },
  {
    file: 'Cargo.toml',
    read: () => ({ setup: [], checks: ['cargo test'], network: ['index.crates.io', 'static.crates.io'] }),
  },
  {
    file: 'go.mod',
    read: () => ({ setup: [], checks: ['go test ./...'], network: ['proxy.golang.org', 'sum.golang.org'] }),
  },
]

const NPM = ['registry.npmjs.org']

/** By the lock file: which package manager, and how it installs exactly what is locked. */
const PACKAGE_MANAGERS = [
  { lock: 'package-lock.json', setup: 'npm ci', test: 'npm test', network: NPM },
  { lock: 'pnpm-lock.yaml', setup: 'pnpm install --frozen-lockfile', test: 'pnpm test', network: NPM },
  {
    lock: 'yarn.lock',
    setup: 'yarn install --frozen-lockfile',
    test: 'yarn test',
    network: [...NPM, 'registry.yarnpkg.com'],
  },
  { lock: 'bun.lock', setup: 'bun install --frozen-lockfile', test: 'bun run test', network: NPM },
] as const

/** The script `npm init` writes; it only fails. */
const NO_TEST = /no test specified/

const nodeChecks = (text: string, root: string): Omit<DetectedChecks, 'source'> | null => {
  const test = testScript(text)
  if (test === null || NO_TEST.test(test)) return null
  const manager = PACKAGE_MANAGERS.find(({ lock }) => existsSync(join(root, lock)))
  return manager === undefined
    ? { setup: [], checks: ['npm test'], network: [] }
    : { setup: [manager.setup], checks: [manager.test], network: manager.network }
}

const testScript = (text: string): string | null => {
  try {
    const { scripts } = JSON.parse(text) as { scripts?: { test?: unknown } }
    return typeof scripts?.test === 'string' ? scripts.test : null
  } catch {
    return null
  }
}

const PYPI = ['pypi.org', 'files.pythonhosted.org']

const pythonChecks = (text: string, root: string): Omit<DetectedChecks, 'source'> | null => {
  if (!/pytest/.test(text)) return null
  if (existsSync(join(root, 'uv.lock')))
    return { setup: ['uv sync --locked'], checks: ['uv run pytest'], network: PYPI }
  if (existsSync(join(root, 'poetry.lock')))
    return { setup: ['poetry install'], checks: ['poetry run pytest'], network: PYPI }
  return { setup: [], checks: ['python3 -m pytest'], network: [] }
}

const readOrNull = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
