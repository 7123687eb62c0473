import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { git } from '../../src/platform/git.ts'
import { measureWork } from '../../src/workspace/measure-work.ts'
import { listSaved, recoverSaved } from '../../src/workspace/recover-saved.ts'
import { releaseWorkspace } from '../../src/workspace/release-workspace.ts'
import { type Fixture, makeFixture, NOW_MS } from './workspace-fixture.ts'

const release = (fixture: Fixture, attemptId: string, ignoredLimitBytes?: number) =>
  releaseWorkspace({
    ...fixture,
    attemptId,
    nowMs: NOW_MS,
    ...(ignoredLimitBytes === undefined ? {} : { ignoredLimitBytes }),
  })

const recover = async (fixture: Fixture, attemptId: string): Promise<string> => {
  const folder = join(fixture.workspacesDir, '..', `recovered-${attemptId}`)
  await recoverSaved({ savedDir: fixture.savedDir, attemptId, folder })
  return folder
}

const readText = (...parts: string[]): string => readFileSync(join(...parts), 'utf8')

describe('releaseWorkspace', () => {
  test('removes the folder only with everything saved: files, branches, stashes, index, ignored, nested', async () => {
    const fixture = makeFixture()
    const { agentGit, workspacesDir } = fixture
    const { path: tree } = await fixture.prepare('att-1')
    writeFileSync(join(tree, 'stashed.txt'), 'one\n')
    agentGit(tree, 'stash', '--include-untracked')
    writeFileSync(join(tree, 'stashed.txt'), 'two\n')
    agentGit(tree, 'stash', '--include-untracked')
    agentGit(tree, 'switch', '--quiet', '--create', 'side/é')
    agentGit(tree, 'commit', '--quiet', '--allow-empty', '--message', 'on a side')
    const side = agentGit(tree, 'rev-parse', 'HEAD')
    agentGit(tree, 'switch', '--quiet', '--detach', 'main')
    agentGit(tree, 'commit', '--quiet', '--allow-empty', '--message', 'left behind')
    const leftBehind = agentGit(tree, 'rev-parse', 'HEAD')
    agentGit(tree, 'switch', '--quiet', 'main')
    agentGit(tree, 'tag', 'mine')
    writeFileSync(join(tree, 'staged.txt'), 'staged\n')
    agentGit(tree, 'add', 'staged.txt')
    writeFileSync(join(tree, 'staged.txt'), 'then changed\n')
    writeFileSync(join(tree, '.gitignore'), '*.log\n')
    writeFileSync(join(tree, 'kept.log'), 'ignored\n')
    writeFileSync(Buffer.from(`${tree}/odd\xff\n`, 'latin1'), 'bytes\r\n')
    writeFileSync(join(tree, '.gitattributes'), '* text=auto eol=crlf ident working-tree-encoding=UTF-16\n')
    symlinkSync('/etc/passwd', join(tree, 'link'))
    mkdirSync(join(tree, 'nested'))
    agentGit(join(tree, 'nested'), 'init', '--quiet', '--initial-branch=main')
    writeFileSync(join(tree, 'nested/inner.txt'), 'inner\n')
    agentGit(join(tree, 'nested'), 'add', '.')
    agentGit(join(tree, 'nested'), 'commit', '--quiet', '--message', 'nested')
    agentGit(tree, 'worktree', 'add', '--quiet', '--detach', '../beside')
    writeFileSync(join(tree, '../beside/beside.txt'), 'beside\n')

    const { saved, removed } = await release(fixture, 'att-1')
    expect(removed).toBe(true)
    expect(readdirSync(workspacesDir)).toEqual([])
    expect(saved).toContain('refs/saved/att-1/files')
    expect(saved).toContain('refs/saved/att-1/git/0/all/heads/side/%C3%A9')
    const remembered = await git(['rev-parse', `refs/saved/att-1/git/0/remembered/${leftBehind}`], {
      gitDir: fixture.savedDir,
    })
    expect(remembered.stdout.trim()).toBe(leftBehind)
    await git(['fsck', '--strict', '--no-dangling'], { gitDir: fixture.savedDir })
    expect(existsSync(join(fixture.savedDir, 'objects/info/alternates'))).toBe(false)

    const found = await recover(fixture, 'att-1')
    const recovered = join(found, 'tree')
    expect(readText(recovered, 'staged.txt')).toBe('then changed\n')
    expect(agentGit(recovered, 'show', ':staged.txt')).toBe('staged')
    expect(readText(recovered, 'kept.log')).toBe('ignored\n')
    expect(readFileSync(Buffer.from(`${recovered}/odd\xff\n`, 'latin1'), 'utf8')).toBe('bytes\r\n')
    expect(readlinkSync(join(recovered, 'link'))).toBe('/etc/passwd')
    expect(readText(found, 'beside/beside.txt')).toBe('beside\n')
    expect(agentGit(recovered, 'rev-parse', 'side/é')).toBe(side)
    expect(agentGit(recovered, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main')
    expect(agentGit(recovered, 'tag')).toBe('mine')
    expect(agentGit(recovered, 'show', 'stash@{0}^3:stashed.txt')).toBe('two')
    expect(agentGit(recovered, 'show', 'stash@{1}^3:stashed.txt')).toBe('one')
    expect(agentGit(join(recovered, 'nested'), 'log', '--format=%s')).toBe('nested')
    expect(agentGit(join(recovered, 'nested'), 'status', '--porcelain')).toBe('')
    expect(listSaved(fixture.savedDir)).toMatchObject([{ attemptId: 'att-1', omitted: [] }])
  })

  test('an agent that plants programs all over its .git: nothing of it runs as us, scope holds, all of it comes back', async () => {
    const fixture = makeFixture()
    const { agentGit, repo } = fixture
    const linked = repo.git('rev-parse', 'HEAD')
    repo.git('update-index', '--add', '--cacheinfo', `160000,${linked},sub`)
    repo.git('commit', '--quiet', '--message', 'submodule')
    repo.push()
    const { path: tree } = await fixture.prepare('att-1')
    const canary = join(fixture.workspacesDir, '..', 'canary')
    const evil = join(tree, 'evil.sh')
    writeFileSync(evil, `#!/bin/sh\necho "$0 $*" >>${canary}\ncat\n`)
    chmodSync(evil, 0o755)
    agentGit(tree, 'checkout', '--quiet', '-b', 'mine')
    writeFileSync(join(tree, 'src/app.txt'), 'committed by the agent\n')
    agentGit(tree, 'commit', '--quiet', '--all', '--message', 'mine')
    for (const dir of [tree, join(tree, 'sub'), join(tree, 'nested')]) {
      mkdirSync(dir, { recursive: true })
      if (dir !== tree) {
        agentGit(dir, 'init', '--quiet')
        writeFileSync(join(dir, 'inside.txt'), 'inside\n')
        agentGit(dir, 'add', '.')
        agentGit(dir, 'commit', '--quiet', '--message', 'inside')
        writeFileSync(join(dir, 'inside.txt'), 'inside, changed\n')
      }
      writeFileSync(join(dir, '.gitattributes'), '* filter=evil diff=evil merge=evil\n')
      plantHostileConfiguration(join(dir, '.git'), evil)
    }
    symlinkSync('/etc', join(tree, '.git/objects/ee'))
    writeFileSync(join(tree, 'untracked.txt'), 'untracked\n')
    execFileSync('mv', [join(tree, 'README.md'), join(tree, 'out-of-scope.md')])

    const workspace = await fixture.prepare('att-1')
    const { measurement } = await measureWork({
      ...fixture,
      attemptId: 'att-1',
      workspace,
      message: 'm',
      nowMs: NOW_MS,
    })
    if (measurement.changed.status !== 'KNOWN') throw new Error(JSON.stringify(measurement.changed))
    expect(
      measurement.changed.files.map((file) => `${file.change} ${file.kind} ${file.path}`).sort(),
    ).toEqual([
      'added executable evil.sh',
      'added file .gitattributes',
      'added file out-of-scope.md',
      'added file untracked.txt',
      'added submodule nested',
      'deleted none README.md',
      'modified file src/app.txt',
      'modified submodule sub',
    ])
    await release(fixture, 'att-1')
    const recovered = join(await recover(fixture, 'att-1'), 'tree')
    expect(existsSync(canary) ? readFileSync(canary, 'utf8') : '').toBe('')

    expect(existsSync(tree)).toBe(false)
    expect(readText(recovered, 'untracked.txt')).toBe('untracked\n')
    expect(readText(recovered, 'nested/inside.txt')).toBe('inside, changed\n')
    expect(agentGit(recovered, 'log', '-1', '--format=%s', 'mine')).toBe('mine')
    expect(agentGit(join(recovered, 'sub'), 'show', 'HEAD:inside.txt')).toBe('inside')
    expect(existsSync(canary)).toBe(false)

    // The trap is real: a git that trusts such a folder walks into it.
    plantHostileConfiguration(join(recovered, 'nested/.git'), join(recovered, 'evil.sh'))
    spawnSync('git', ['status'], { cwd: join(recovered, 'nested'), env: repo.env, stdio: 'ignore' })
    expect(readFileSync(canary, 'utf8')).toContain('evil.sh')
  })

  test('ignored files beyond the limit are left out, largest first, and named', async () => {
    const fixture = makeFixture()
    const { path: tree } = await fixture.prepare('att-1')
    writeFileSync(join(tree, '.gitignore'), 'node_modules/\n*.log\n')
    mkdirSync(join(tree, 'node_modules/x/.git'), { recursive: true })
    writeFileSync(join(tree, 'node_modules/x/big.js'), 'x'.repeat(2_000))
    writeFileSync(join(tree, 'small.log'), 'small\n')
    await release(fixture, 'att-1', 1_000)
    expect(listSaved(fixture.savedDir)).toMatchObject([
      { omitted: [{ path: 'tree/node_modules/', bytes: 2_000 }] },
    ])
    const recovered = await recover(fixture, 'att-1')
    expect(readText(recovered, 'tree/small.log')).toBe('small\n')
    expect(existsSync(join(recovered, 'tree/node_modules'))).toBe(false)
  })

  test('an index in the middle of a merge is saved with all its stages', async () => {
    const fixture = makeFixture()
    const { agentGit } = fixture
    const { path: tree } = await fixture.prepare('att-1')
    writeFileSync(join(tree, 'src/app.txt'), 'ours\n')
    agentGit(tree, 'commit', '--quiet', '--all', '--message', 'ours')
    agentGit(tree, 'switch', '--quiet', '--create', 'theirs', 'HEAD^')
    writeFileSync(join(tree, 'src/app.txt'), 'theirs\n')
    agentGit(tree, 'commit', '--quiet', '--all', '--message', 'theirs')
    expect(() => agentGit(tree, 'merge', 'main')).toThrow()
    await release(fixture, 'att-1')
    const show = async (stage: number) =>
      (
        await git(['show', `refs/saved/att-1/git/0/index:stage-${stage}/src/app.txt`], {
          gitDir: fixture.savedDir,
        })
      ).stdout
    expect(await Promise.all([show(2), show(3)])).toEqual(['theirs\n', 'ours\n'])
  })

  test.each([
    [
      'a branch whose commit is gone',
      'tree/.git',
      (tree: string, { agentGit }: Fixture) => {
        agentGit(tree, 'commit', '--quiet', '--allow-empty', '--message', 'x')
        const sha = agentGit(tree, 'rev-parse', 'HEAD')
        rmSync(join(tree, '.git/objects', sha.slice(0, 2), sha.slice(2)), { force: true })
      },
    ],
    [
      'a damaged object',
      'tree/.git',
      (tree: string, { agentGit }: Fixture) => {
        writeFileSync(join(tree, 'new.txt'), 'content that compresses to something\n')
        agentGit(tree, 'add', '.')
        agentGit(tree, 'commit', '--quiet', '--message', 'x')
        const sha = agentGit(tree, 'rev-parse', 'HEAD:new.txt')
        const path = join(tree, '.git/objects', sha.slice(0, 2), sha.slice(2))
        chmodSync(path, 0o600)
        truncateSync(path, 10)
      },
    ],
    [
      'a list of branches that is too large to be read',
      'tree/.git',
      (tree: string, { agentGit }: Fixture) => {
        agentGit(tree, 'switch', '--quiet', '--create', 'side')
        agentGit(tree, 'commit', '--quiet', '--allow-empty', '--message', 'on a side')
        agentGit(tree, 'pack-refs', '--all')
        truncateSync(join(tree, '.git/packed-refs'), 2 ** 31)
      },
    ],
    [
      'a nested repository with refs we cannot read',
      'tree/nested/.git',
      (tree: string) => {
        mkdirSync(join(tree, 'nested/.git/reftable/x'), { recursive: true })
      },
    ],
  ])('%s blocks the removal and is named; nothing is deleted', async (_, path, spoil) => {
    const fixture = makeFixture()
    const { path: tree } = await fixture.prepare('att-1')
    writeFileSync(join(tree, 'work.txt'), 'x\n')
    spoil(tree, fixture)
    const failure = await release(fixture, 'att-1').catch((error: unknown) => error)
    expect(failure).toMatchObject({ name: 'CannotSave', failureClass: 'infra_tooling' })
    expect(String(failure)).toContain('nothing was deleted')
    expect(String(failure)).toMatch(new RegExp(`${path}|att-1`))
    expect(existsSync(join(tree, 'work.txt'))).toBe(true)
    rmSync(join(tree, path.slice('tree/'.length)), { recursive: true })
    await release(fixture, 'att-1')
    expect(existsSync(tree)).toBe(false)
    expect(readText(await recover(fixture, 'att-1'), 'tree/work.txt')).toBe('x\n')
  })

  test('is safe to repeat at every step of an interrupted release', async () => {
    const fixture = makeFixture()
    const { workspacesDir } = fixture
    const { path: tree } = await fixture.prepare('att-1')
    writeFileSync(join(tree, 'work.txt'), 'x\n')
    mkdirSync(join(workspacesDir, '.saving-att-1/git-0'), { recursive: true })
    const first = await release(fixture, 'att-1')
    mkdirSync(join(workspacesDir, '.released-att-1/tree'), { recursive: true })
    expect(await release(fixture, 'att-1')).toEqual(first)
    expect(readdirSync(workspacesDir)).toEqual([])
  })

  test('a half-made clone, where no agent ever ran, is simply removed', async () => {
    const fixture = makeFixture()
    mkdirSync(join(fixture.workspacesDir, 'att-1/tree/.git/objects'), { recursive: true })
    expect(await release(fixture, 'att-1')).toEqual({ saved: [], removed: true })
    expect(readdirSync(fixture.workspacesDir)).toEqual([])
  })

  test('pipes do not hang it and are noted', async () => {
    const fixture = makeFixture()
    const { path: tree } = await fixture.prepare('att-1')
    execFileSync('mkfifo', [
      join(tree, 'pipe'),
      join(tree, '.git/packed-refs.fifo'),
      join(tree, '.git/refs/heads/pipe'),
    ])
    await release(fixture, 'att-1')
    expect(listSaved(fixture.savedDir)).toMatchObject([{ notContent: ['tree/pipe'] }])
  })

  test('recovering refuses a folder that holds something', async () => {
    const fixture = makeFixture()
    await fixture.prepare('att-1')
    await release(fixture, 'att-1')
    const folder = fixture.repo.work
    await expect(recoverSaved({ ...fixture, attemptId: 'att-1', folder })).rejects.toThrow(/not empty/)
    await expect(recoverSaved({ ...fixture, attemptId: 'att-9', folder })).rejects.toThrow(
      /nothing to recover/,
    )
  })
})

/** Everything in a repository that can name a program, all of it naming `evil`. */
const plantHostileConfiguration = (gitDir: string, evil: string): void => {
  writeFileSync(
    join(gitDir, 'config'),
    `[core]
	repositoryformatversion = 1
	bare = false
	fsmonitor = ${evil}
	hooksPath = ${join(gitDir, 'hooks')}
	sshCommand = ${evil}
	gitProxy = ${evil}
	pager = ${evil}
	editor = ${evil}
	askPass = ${evil}
	alternateRefsCommand = ${evil}
[extensions]
	partialClone = origin
[remote "origin"]
	url = ext::${evil}
	promisor = true
	uploadpack = ${evil}
	vcs = ${evil}
[protocol "ext"]
	allow = always
[filter "evil"]
	clean = ${evil}
	smudge = ${evil}
	process = ${evil}
	required = true
[diff]
	external = ${evil}
[diff "evil"]
	textconv = ${evil}
	command = ${evil}
[merge "evil"]
	driver = ${evil}
[uploadpack]
	packObjectsHook = ${evil}
[gpg]
	program = ${evil}
[commit]
	gpgSign = true
[credential]
	helper = ${evil}
[submodule "sub"]
	update = !${evil}
	url = ext::${evil}
[alias]
	status = !${evil}
[include]
	path = ${join(gitDir, 'more')}
`,
  )
  writeFileSync(join(gitDir, 'more'), `[core]\n\tfsmonitor = ${evil}\n`)
  for (const hook of [
    'pre-commit',
    'post-checkout',
    'reference-transaction',
    'post-index-change',
    'pre-push',
  ]) {
    mkdirSync(join(gitDir, 'hooks'), { recursive: true })
    symlinkSync(evil, join(gitDir, 'hooks', hook))
  }
  mkdirSync(join(gitDir, 'info'), { recursive: true })
  writeFileSync(join(gitDir, 'info/attributes'), '* filter=evil diff=evil\n')
  mkdirSync(join(gitDir, 'objects/info'), { recursive: true })
  writeFileSync(join(gitDir, 'objects/info/alternates'), '/etc\n../../../../../../../nowhere\n')
}
