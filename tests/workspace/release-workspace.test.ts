import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { git } from '../../src/platform/git.ts'
import { listSaved, recoverSaved } from '../../src/workspace/recover-saved.ts'
import { readText, recover, release } from './saved-work.ts'
import { makeFixture } from './workspace-fixture.ts'

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
