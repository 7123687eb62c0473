import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { git } from '../../src/platform/git.ts'
import { makeFixture } from './workspace-fixture.ts'

describe('prepareWorkspace', () => {
  test('is a full clone of its own: no alternates, no shared files, nowhere to push', async () => {
    const { repo, prepare, agentGit, mirror } = makeFixture()
    const workspace = await prepare('att-1')
    const base = repo.git('rev-parse', 'HEAD')
    expect(workspace).toMatchObject({ baseBranch: 'main', baseSha: base, startSha: base })
    expect(agentGit(workspace.path, 'status', '--porcelain')).toBe('')
    expect(agentGit(workspace.path, 'rev-parse', 'HEAD')).toBe(base)
    expect(existsSync(join(workspace.path, '.git/objects/info/alternates'))).toBe(false)
    const objects = agentGit(workspace.path, 'rev-list', '--objects', '--all')
      .split('\n')
      .map((line) => line.slice(0, 40))
    for (const sha of objects) {
      const loose = join(workspace.path, '.git/objects', sha.slice(0, 2), sha.slice(2))
      if (existsSync(loose)) expect(statSync(loose).nlink).toBe(1)
    }
    expect(() => agentGit(workspace.path, 'push', 'origin', 'HEAD:refs/heads/evil')).toThrow()
    expect((await git(['for-each-ref', 'refs/heads/evil'], { gitDir: mirror })).stdout).toBe('')
  })

  test('other attempts’ commits stay out', async () => {
    const { prepare, mirror, mirrorNow, agentGit } = makeFixture()
    await mirrorNow()
    const tree = (await git(['rev-parse', 'main^{tree}'], { gitDir: mirror })).stdout.trim()
    const other = (await git(['commit-tree', '-m', 'secret', tree], { gitDir: mirror })).stdout.trim()
    await git(['update-ref', 'refs/attempts/att-0/work', other], { gitDir: mirror })
    const workspace = await prepare('att-1')
    expect(() => agentGit(workspace.path, 'cat-file', '-e', other)).toThrow()
  })

  test('a finished workspace is answered as recorded; a half-made one is made again', async () => {
    const { prepare, workspacesDir } = makeFixture()
    mkdirSync(join(workspacesDir, 'att-1', 'tree', '.git'), { recursive: true })
    writeFileSync(join(workspacesDir, 'att-1', 'tree', 'half.txt'), 'x')
    const workspace = await prepare('att-1')
    expect(existsSync(join(workspace.path, 'half.txt'))).toBe(false)
    writeFileSync(join(workspace.path, 'agent.txt'), 'work\n')
    expect(await prepare('att-1')).toEqual(workspace)
    expect(readFileSync(join(workspace.path, 'agent.txt'), 'utf8')).toBe('work\n')
  })

  test('setup commands run in order; a failing one says which and leaves no ready workspace', async () => {
    const { prepare, workspacesDir } = makeFixture()
    const ran: string[] = []
    const runSetup = async (command: string) => {
      ran.push(command)
      return { passed: command !== 'bad', excerpt: 'no such package' }
    }
    const failed = prepare('att-1', { setup: ['one', 'bad', 'never'], runSetup })
    await expect(failed).rejects.toThrow(/setup command failed: bad\nno such package/)
    await expect(failed).rejects.toMatchObject({ failureClass: 'dependency_missing' })
    expect(ran).toEqual(['one', 'bad'])
    expect(existsSync(join(workspacesDir, 'att-1', 'ready.json'))).toBe(false)
  })

  test('a base branch that does not exist is the task’s fault, and named', async () => {
    const { prepare } = makeFixture()
    const failed = prepare('att-1', { baseBranch: 'nope' })
    await expect(failed).rejects.toMatchObject({ failureClass: 'invalid_task' })
    await expect(failed).rejects.toThrow(/branch nope does not exist/)
  })

  test('a revision starts at the pull request’s head and is measured from where it left the base', async () => {
    const { repo, prepare, agentGit } = makeFixture()
    const fork = repo.git('rev-parse', 'HEAD')
    repo.git('switch', '--quiet', '--create', 'work')
    const head = repo.commit('work', { 'src/app.txt': 'changed\n' })
    repo.push()
    repo.git('switch', '--quiet', 'main')
    repo.commit('base moves on', { 'other.txt': 'x\n' })
    repo.push()
    const revision = { pullId: 'pull-1' as never, branch: 'work', headSha: head as never, reasons: [] }
    const workspace = await prepare('att-2', { revision })
    expect(workspace).toMatchObject({ baseSha: fork, startSha: head })
    expect(agentGit(workspace.path, 'rev-parse', 'HEAD')).toBe(head)

    const moved = prepare('att-3', { revision: { ...revision, headSha: fork as never } })
    await expect(moved).rejects.toMatchObject({ failureClass: 'publish_failed' })
  })
})
