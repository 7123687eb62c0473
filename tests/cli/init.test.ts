import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { loadPorts } from '../../src/cli/compose/load-ports.ts'
import { composeManifest } from '../../src/cli/init/compose-manifest.ts'
import { detectAgent } from '../../src/cli/init/detect-agent.ts'
import { detectChecks } from '../../src/cli/init/detect-checks.ts'
import { initManifest } from '../../src/cli/init/init-manifest.ts'
import { makeKeyFiles } from '../../src/cli/init/openssh-key-file.ts'
import { signingKey } from '../../src/gates/signing-key.ts'
import { loadManifest } from '../../src/manifest/load-manifest.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { makeTestRepo, type TestRepo } from '../support/test-repo.ts'
import { ocProcess } from './support/run-cli.ts'

let dir: string
let repo: TestRepo
beforeEach(() => {
  dir = makeTempDir('init')
  repo = makeTestRepo(dir)
})

const manifestIn = (folder: string) => {
  const loaded = loadManifest(join(folder, 'oc-supervise.yaml'), loadPorts({ HOME: join(dir, 'home') }))
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.manifest
}

describe('init', () => {
  it('writes a manifest the loader takes, out of what it found, and says what comes next', async () => {
    repo.commit('tests', {
      'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
      'package-lock.json': '{}',
    })
    const { json, text } = await initManifest(repo.work, { stateDir: join(dir, 'state') })
    expect(manifestIn(repo.work)).toMatchObject({
      name: 'work',
      stateDir: join(dir, 'state/work'),
      repos: {
        work: {
          url: repo.bare,
          defaultBranch: 'main',
          setup: ['npm ci'],
          checks: [{ run: 'npm test' }],
          merge: 'manual',
        },
      },
      lanes: { goal: { agent: 'coder' }, review: {} },
      gates: { signing: 'optional', operators: [] },
    })
    expect(json).toMatchObject({
      operator: null,
      keyCreated: false,
      next: [expect.stringContaining('task add'), expect.any(String)],
    })
    expect(text).toContain('oc-supervise run --until-idle')
    expect(existsSync(join(dir, 'state'))).toBe(false)
  })

  it('takes what the remote calls its head, wherever in the work tree it is asked', async () => {
    repo.git('push', '--quiet', 'origin', 'HEAD:refs/heads/trunk')
    repo.gitBare('symbolic-ref', 'HEAD', 'refs/heads/trunk')
    repo.git('checkout', '--quiet', '-b', 'feature')
    const below = join(repo.work, 'src')
    await initManifest(below, { stateDir: join(dir, 'state') })
    expect(manifestIn(below).repos.work).toMatchObject({ defaultBranch: 'trunk', url: repo.bare })
  })

  it('takes no remote on another machine, and prints nothing secret of its address', async () => {
    repo.git('remote', 'set-url', 'origin', 'https://ada:hunter2@example.com/acme/api.git')
    const refused = initManifest(repo.work, { stateDir: join(dir, 'state') })
    await expect(refused).rejects.toThrow('git clone --bare https://example.com/acme/api.git')
    await expect(refused).rejects.not.toThrow('hunter2')
    expect(existsSync(join(repo.work, 'oc-supervise.yaml'))).toBe(false)
  })

  it('works in a bare repository', async () => {
    await initManifest(repo.bare, { stateDir: join(dir, 'state') })
    expect(manifestIn(repo.bare).repos.remote).toMatchObject({ url: repo.bare, defaultBranch: 'main' })
  })

  it('replaces nothing unless told to', async () => {
    const path = join(repo.work, 'oc-supervise.yaml')
    writeFileSync(path, 'mine')
    await expect(initManifest(repo.work, {})).rejects.toThrow('--force')
    expect(readFileSync(path, 'utf8')).toBe('mine')
    await initManifest(repo.work, { force: true, stateDir: join(dir, 'state') })
    expect(manifestIn(repo.work).name).toBe('work')
  })

  it('refuses state in the repository, by option and by default', async () => {
    await expect(initManifest(repo.work, { stateDir: './state' })).rejects.toThrow('lies in the repository')
    const ran = await ocProcessIn(repo.work, ['init'], { HOME: repo.work })
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('--state-dir') })
    expect(existsSync(join(repo.work, 'oc-supervise.yaml'))).toBe(false)
    expect(repo.git('status', '--porcelain')).toBe('')
  })

  it('says what to do where there is no repository, no remote, or one nothing can be merged into', async () => {
    await expect(initManifest(makeTempDir('init'), {})).rejects.toThrow('git init')
    repo.git('remote', 'set-url', 'origin', repo.work)
    await expect(initManifest(repo.work, {})).rejects.toThrow('git clone --bare')
    repo.git('remote', 'remove', 'origin')
    await expect(initManifest(repo.work, {})).rejects.toThrow('git clone --bare')
  })
})

describe('init of a repository without a commit', () => {
  it('is refused with the push that helps, beside a work tree and in a bare one', async () => {
    const bare = join(dir, 'empty.git')
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare])
    repo.git('remote', 'set-url', 'origin', bare)
    await expect(initManifest(repo.work, {})).rejects.toThrow('git push origin HEAD:main')
    await expect(initManifest(bare, {})).rejects.toThrow(`git push ${bare} HEAD:main`)
    expect(existsSync(join(repo.work, 'oc-supervise.yaml'))).toBe(false)
    repo.git('push', '--quiet', 'origin', 'HEAD:main')
    await initManifest(repo.work, { stateDir: join(dir, 'state') })
    expect(manifestIn(repo.work).repos.work).toMatchObject({ url: bare, defaultBranch: 'main' })
  })
})

describe('init --operator', () => {
  const state = () => ({ stateDir: join(dir, 'state') })

  it('makes a key where none is, for its owner alone, and takes it again', async () => {
    const key = join(dir, 'keys', 'gate')
    await initManifest(repo.work, { ...state(), operator: 'ada', key })
    expect(statSync(key).mode & 0o777).toBe(0o600)
    const [operator] = manifestIn(repo.work).gates.operators
    expect(operator?.name).toBe('ada')
    expect(readFileSync(`${key}.pub`, 'utf8')).toContain(operator?.publicKey)
    const { json } = await initManifest(repo.work, {
      ...state(),
      operator: 'ada',
      key: `${key}.pub`,
      force: true,
    })
    expect(json).toMatchObject({ keyCreated: false })
    expect(manifestIn(repo.work).gates.operators).toEqual([operator])
  })

  it('makes none in the repository, and none without a name', async () => {
    await expect(initManifest(repo.work, { operator: 'ada', key: join(repo.work, 'key') })).rejects.toThrow(
      'elsewhere',
    )
    await expect(initManifest(repo.work, { key: join(dir, 'key') })).rejects.toThrow(
      '--operator NAME --key FILE',
    )
    await expect(initManifest(repo.work, { operator: 'Ada L', key: join(dir, 'key') })).rejects.toThrow(
      'not a name',
    )
    expect(existsSync(join(dir, 'key'))).toBe(false)
  })

  it('writes keys that we and OpenSSH read', () => {
    for (const comment of ['a', 'ab', 'ada, oc-supervise gates']) {
      const { privateText, publicLine } = makeKeyFiles(comment)
      const path = join(dir, `key-${comment.length}`)
      writeFileSync(path, privateText, { mode: 0o600 })
      const key = signingKey(path)
      expect(key.kind === 'ed25519' && `ssh-ed25519 ${key.publicKey.toString('base64')} ${comment}`).toBe(
        publicLine,
      )
      if (hasSshKeygen()) {
        expect(execFileSync('ssh-keygen', ['-y', '-f', path], { encoding: 'utf8' }).trim()).toBe(publicLine)
      }
    }
  })
})

describe('what is found', () => {
  const inFolder = (files: Record<string, string>): string => {
    const folder = makeTempDir('found')
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    return folder
  }
  const tested = JSON.stringify({ scripts: { test: 'vitest' } })

  test.each<[string, Record<string, string>, string[], string[]]>([
    ['npm without a lock file', { 'package.json': tested }, [], ['npm test']],
    [
      'pnpm',
      { 'package.json': tested, 'pnpm-lock.yaml': '' },
      ['pnpm install --frozen-lockfile'],
      ['pnpm test'],
    ],
    [
      'the script npm init writes, beside a Makefile',
      {
        'package.json': JSON.stringify({ scripts: { test: 'echo "Error: no test specified" && exit 1' } }),
        Makefile: 'all:\ntest: all\n',
      },
      [],
      ['make test'],
    ],
    ['a Makefile that only sets test', { Makefile: 'test := 1\n' }, [], []],
    [
      'pytest with uv',
      { 'pyproject.toml': '[tool.pytest.ini_options]', 'uv.lock': '' },
      ['uv sync --locked'],
      ['uv run pytest'],
    ],
    ['a package.json that is none', { 'package.json': '{' }, [], []],
    ['nothing', {}, [], []],
  ])('%s', (_name, files, setup, checks) => {
    expect(detectChecks(inFolder(files))).toMatchObject({ setup, checks })
  })

  it('an agent is one that is installed', () => {
    const bin = makeTempDir('bin')
    expect(detectAgent(bin)).toMatchObject({ found: null })
    writeFileSync(join(bin, 'codex'), '', { mode: 0o755 })
    expect(detectAgent(bin)).toMatchObject({ found: 'codex', type: 'codex', secret: 'CODEX_API_KEY' })
  })

  it('is quoted so that YAML reads it as it is', () => {
    const odd = join(dir, "it's: a #folder, [odd]")
    mkdirSync(odd)
    const text = composeManifest({
      repository: { root: odd, url: odd, source: 'x', defaultBranch: 'on', key: '1st' },
      checks: { setup: ["echo '# no comment'"], checks: ['a: b', 'true'], network: ['a.org'], source: 'x' },
      agent: detectAgent(''),
      operator: null,
      stateDir: join(dir, 'state'),
      sandbox: { ok: false, missing: 'a: #b', remedy: 'c' },
    })
    writeFileSync(join(dir, 'oc-supervise.yaml'), text)
    expect(manifestIn(dir).repos['1st']).toMatchObject({
      url: odd,
      defaultBranch: 'on',
      setup: ["echo '# no comment'"],
      checks: [{ run: 'a: b' }, { run: 'true' }],
      setupNetwork: ['a.org'],
    })
    expect(manifestIn(dir).sandbox).toBe('off')
  })

  it('names what setup, or the checks without one, fetch from', () => {
    const base = {
      repository: { root: repo.work, url: repo.bare, source: 'x', defaultBranch: 'main', key: 'r' },
      ...{ agent: detectAgent(''), operator: null, stateDir: join(dir, 'state') },
      sandbox: { ok: false, missing: 'a', remedy: 'c' },
    } as const
    const text = composeManifest({ ...base, checks: detectChecks(inFolder({ 'go.mod': '' })) })
    writeFileSync(join(dir, 'oc-supervise.yaml'), text)
    expect(manifestIn(dir).repos.r).toMatchObject({
      setupNetwork: [],
      checks: [{ run: 'go test ./...', network: ['proxy.golang.org', 'sum.golang.org'] }],
    })
  })
})

const hasSshKeygen = (): boolean => existsSync('/usr/bin/ssh-keygen')

/** The command line as a process of its own, in a folder. */
const ocProcessIn = (cwd: string, argv: string[], env: Record<string, string>) => {
  const before = process.cwd()
  process.chdir(cwd)
  try {
    return ocProcess(argv, env)
  } finally {
    process.chdir(before)
  }
}
