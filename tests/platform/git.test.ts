import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { git } from '../../src/platform/git.ts'
import { GitError } from '../../src/platform/git-error.ts'
import { openRepository } from '../../src/platform/repository.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { makeTestRepo } from '../support/test-repo.ts'

const failure = async (running: Promise<unknown>): Promise<GitError> => {
  const error = await running.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof GitError) return error
  throw new Error('expected a GitError', { cause: error })
}

describe('git', () => {
  test('output is exact, in the work tree, the git dir or by both', async () => {
    const repo = makeTestRepo(makeTempDir())
    const head = `${repo.git('rev-parse', 'HEAD')}\n`
    const gitDir = join(repo.work, '.git')
    expect(await git(['rev-parse', 'HEAD'], { cwd: repo.work })).toEqual({
      stdout: head,
      stderr: '',
      exitCode: 0,
    })
    expect((await git(['rev-parse', 'HEAD'], { gitDir: repo.bare })).stdout).toBe(head)
    writeFileSync(join(repo.work, 'ä b\n.txt'), '')
    const status = await git(['status', '--porcelain', '-z'], { gitDir, workTree: repo.work })
    expect(status.stdout).toBe('?? ä b\n.txt\0')
  })

  test('input, own index and identity', async () => {
    const repo = makeTestRepo(makeTempDir())
    const at = {
      gitDir: join(repo.work, '.git'),
      workTree: repo.work,
      indexFile: join(repo.work, '..', 'index'),
    }
    const blob = (await git(['hash-object', '-w', '--stdin'], { ...at, input: 'text' })).stdout.trim()
    await git(['update-index', '--add', '--cacheinfo', `100644,${blob},new.txt`], at)
    const tree = (await git(['write-tree'], at)).stdout.trim()
    const commit = (await git(['commit-tree', tree, '-m', 'ours'], at)).stdout.trim()
    expect(repo.git('show', '--no-patch', '--format=%an <%ae> %cn <%ce>', commit)).toBe(
      'oc-supervise <oc-supervise@localhost> oc-supervise <oc-supervise@localhost>',
    )
    expect(repo.git('ls-tree', '--name-only', commit)).toBe('new.txt')
    expect(repo.git('status', '--porcelain')).toBe('')
  })

  test('an exit code that is an answer is a value, any other an error with what git said', async () => {
    const repo = makeTestRepo(makeTempDir())
    const asked = await git(['rev-parse', '--verify', '--quiet', 'refs/none'], {
      cwd: repo.work,
      okExitCodes: [0, 1],
    })
    expect(asked.exitCode).toBe(1)
    const error = await failure(git(['checkout', 'no-such-branch'], { cwd: repo.work }))
    expect(error.exitCode).toBe(1)
    expect(error.message).toMatch(/^git checkout no-such-branch: exit 1\n.*no-such-branch/)
  })

  test('a missing folder is a GitError too', async () => {
    const error = await failure(git(['status'], { cwd: join(makeTempDir(), 'nowhere') }))
    expect(error.exitCode).toBeNull()
    expect(error.message).toMatch(/nowhere/)
  })

  test('a command that takes too long is ended, and is a GitError', async () => {
    const error = await failure(
      git(['-c', 'alias.wait=!sleep 5', 'wait'], { cwd: makeTempDir(), timeoutMs: 200 }),
    )
    expect(error).toMatchObject({ exitCode: null, message: expect.stringContaining('took too long') })
  })

  test('credentials never reach an error', async () => {
    const args = [
      '-c',
      'http.extraHeader=Authorization: Bearer s3cret',
      'fetch',
      'https://me:s3cret@127.0.0.1:1/x.git',
    ]
    const error = await failure(git(args, { cwd: makeTestRepo(makeTempDir()).work }))
    expect(`${error.message} ${error.stderr} ${error.stack}`).not.toContain('s3cret')
    expect(error.message).toContain('https://***@127.0.0.1:1/x.git')
  })

  test('without a repository named it finds none by accident', async () => {
    expect((await failure(git(['rev-parse', 'HEAD'], {}))).exitCode).toBe(128)
  })
})

describe('what a repository may contain', () => {
  const plant = () => {
    const repo = makeTestRepo(makeTempDir())
    const sign = join(repo.work, '..', 'executed')
    const trap = join(repo.work, '..', 'trap.sh')
    writeFileSync(trap, `#!/bin/sh\necho "$0 $*" >>${sign}\nexit 0\n`)
    chmodSync(trap, 0o755)
    return { repo, sign, trap }
  }

  test('hooks and monitors written into it do not run', async () => {
    const { repo, sign, trap } = plant()
    repo.git('config', 'core.fsmonitor', trap)
    for (const hook of [
      'pre-commit',
      'commit-msg',
      'post-commit',
      'post-checkout',
      'reference-transaction',
    ]) {
      writeFileSync(join(repo.work, '.git', 'hooks', hook), `#!/bin/sh\necho ${hook} >>${sign}\n`, {
        mode: 0o755,
      })
    }
    writeFileSync(join(repo.work, 'README.md'), 'changed\n')
    await git(['status', '--porcelain'], { cwd: repo.work })
    await git(['commit', '--all', '--message', 'x'], { cwd: repo.work })
    await git(['checkout', '-b', 'other'], { cwd: repo.work })
    await openRepository(repo.work).status()
    expect(existsSync(sign)).toBe(false)
    // The traps are sharp: a git without our settings does run them.
    repo.git('status', '--porcelain')
    expect(existsSync(sign)).toBe(true)
  })

  test('the ext transport is refused', async () => {
    const { repo, sign, trap } = plant()
    const error = await failure(git(['fetch', `ext::${trap}`], { cwd: repo.work }))
    expect(error.message).toContain("transport 'ext' not allowed")
    expect(existsSync(sign)).toBe(false)
  })

  test('malformed objects are refused when fetched', async () => {
    const { repo } = plant()
    const tree = repo.git('rev-parse', 'HEAD^{tree}')
    const bad = await git(['hash-object', '-t', 'commit', '-w', '--literally', '--stdin'], {
      cwd: repo.work,
      input: `tree ${tree}\nauthor broken\ncommitter broken\n\nx\n`,
    })
    repo.git('update-ref', 'refs/heads/bad', bad.stdout.trim())
    const error = await failure(git(['fetch', repo.work, 'bad'], { cwd: repo.bare }))
    expect(error.message).toMatch(/fsck|missingEmail|missingNameBeforeEmail/)
  })
})

describe('openRepository', () => {
  test('answers log, revparse and status, whatever our own environment says', async () => {
    const repo = makeTestRepo(makeTempDir())
    const sha = repo.commit('second', { 'a.txt': 'a' })
    writeFileSync(join(repo.work, 'b.txt'), 'b')
    const opened = openRepository(repo.work)
    expect(await opened.revparse(['HEAD'])).toBe(sha)
    expect((await opened.log({ maxCount: 1 })).latest).toMatchObject({ hash: sha, message: 'second' })
    expect(await opened.status()).toMatchObject({ current: 'main', ahead: 1, not_added: ['b.txt'] })
  })

  test('a folder that is not there is a clear error', () => {
    expect(() => openRepository(join(makeTempDir(), 'nowhere'))).toThrow('nowhere')
  })
})
