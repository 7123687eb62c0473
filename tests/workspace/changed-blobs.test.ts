import { execFileSync } from 'node:child_process'
import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { git } from '../../src/platform/git.ts'
import { newId } from '../../src/platform/random.ts'
import { changedBlobs } from '../../src/workspace/changed-blobs.ts'
import { type FreshClone, freshClone } from '../../src/workspace/fresh-clone.ts'
import { parseDiff } from '../../src/workspace/parse-diff.ts'
import { restoreFromBase } from '../../src/workspace/restore-from-base.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { makeTestRepo, type TestRepo } from '../support/test-repo.ts'

let repo: TestRepo
let base: string
beforeEach(() => {
  repo = makeTestRepo(makeTempDir('blobs'))
  base = repo.commit('base', {
    'kept.txt': 'kept\n',
    'edited.txt': 'one\n',
    'gone.txt': 'gone\n',
    'moved.txt': 'moved\n',
    'odd\n"name"\t*.txt': 'odd\n',
  })
})

/** Asked with what was measured, and without: both give the same. */
const change = async (to: string) => {
  const asked = { mirror: join(repo.work, '.git'), from: base, to }
  const { stdout } = await git(['diff-tree', '-r', '-z', '--raw', '--numstat', '--no-renames', base, to], {
    gitDir: asked.mirror,
  })
  const content = await changedBlobs(asked)
  expect(await changedBlobs({ ...asked, files: parseDiff(stdout) })).toEqual(content)
  return content
}

describe('what a commit changes', () => {
  test('every side of every changed file, both names of a rename, names as they are, and the message', async () => {
    repo.git('mv', 'moved.txt', 'elsewhere.txt')
    repo.git('rm', '--quiet', 'gone.txt')
    symlinkSync('/etc/passwd', join(repo.work, 'link'))
    const to = repo.commit('A title\n\nand a body\n', {
      'edited.txt': 'two\n',
      'new ü.txt': 'ü\n',
      'odd\n"name"\t*.txt': '',
    })
    const { blobs, message } = await change(to)
    expect(message).toBe('A title\n\nand a body\n')
    const rows = blobs.map(({ path, change: kind, before, after, tooLarge }) => [
      path,
      kind,
      before,
      after,
      tooLarge,
    ])
    expect(rows).toEqual(
      expect.arrayContaining([
        ['edited.txt', 'modified', 'one\n', 'two\n', false],
        ['elsewhere.txt', 'added', null, 'moved\n', false],
        ['gone.txt', 'deleted', 'gone\n', null, false],
        ['link', 'added', null, '/etc/passwd', false],
        ['moved.txt', 'deleted', 'moved\n', null, false],
        ['new ü.txt', 'added', null, 'ü\n', false],
        ['odd\n"name"\t*.txt', 'modified', 'odd\n', '', false],
      ]),
    )
    expect(rows).toHaveLength(7)
  })

  test('a submodule holds nothing of this repository', async () => {
    repo.git('update-index', '--add', '--cacheinfo', `160000,${base},module`)
    repo.git('commit', '--quiet', '--message', 'module')
    expect((await change(repo.git('rev-parse', 'HEAD'))).blobs).toEqual([
      { path: 'module', change: 'added', before: null, after: null, tooLarge: false },
    ])
  })

  test('bytes that are no UTF-8 are read one by one, UTF-16 by its mark', async () => {
    const bytes = Buffer.from([0, 0xff, 0xfe, 10, 0x80])
    writeFileSync(join(repo.work, 'binary'), bytes)
    writeFileSync(
      join(repo.work, 'wide'),
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Größe\n', 'utf16le')]),
    )
    const { blobs } = await change(repo.commit('bytes', {}))
    expect(blobs.map(({ after }) => after)).toEqual([bytes.toString('latin1'), 'Größe\n'])
  })

  test('what is larger than fits at once is read in pieces, and what never fits, or not with the others, is said', async () => {
    const fill = (name: string, bytes: number): void =>
      writeFileSync(join(repo.work, name), Buffer.alloc(bytes, name))
    fill('a', 31 * 1024 * 1024)
    fill('b', 31 * 1024 * 1024)
    fill('c', 33 * 1024 * 1024)
    fill('d', 3 * 1024 * 1024)
    fill('e', 1024)
    const { blobs } = await change(repo.commit('large', {}))
    expect(blobs.map(({ path, after, tooLarge }) => [path, after?.length ?? null, tooLarge])).toEqual([
      ['a', 31 * 1024 * 1024, false],
      ['b', 31 * 1024 * 1024, false],
      ['c', null, true],
      ['d', null, true],
      ['e', 1024, false],
    ])
  })
})

describe('putting files back', () => {
  const cloneAt = (sha: string): Promise<FreshClone> => {
    repo.push()
    const dir = makeTempDir('clone')
    const effect = { subject: 'effect', owner: newId('inc') as never, registrationsDir: dir }
    const where = { attemptId: 'att-1', number: 1, mirror: repo.bare, workspacesDir: join(dir, 'workspaces') }
    return freshClone({ ...where, sha, effect })
  }
  const gitIn = ({ path }: FreshClone, ...args: string[]): string =>
    execFileSync('git', args, { cwd: path, env: repo.env, encoding: 'utf8' })
  const restored = (clone: FreshClone, paths: string[]) =>
    restoreFromBase({ clone, mirror: repo.bare, baseSha: base, paths })

  test('edited, deleted and replaced ones are as the base has them, others are left alone, git shows no difference', async () => {
    repo.git('rm', '--quiet', 'gone.txt', 'moved.txt')
    const to = repo.commit('work', {
      'edited.txt': 'two\n',
      'kept.txt': 'changed\n',
      'gone.txt/inner.txt': 'in\n',
      'new.txt': 'new\n',
    })
    symlinkSync('/etc/passwd', join(repo.work, 'moved.txt'))
    const head = repo.commit('link', {})
    expect(head).not.toBe(to)
    const clone = await cloneAt(head)
    const paths = ['edited.txt', 'gone.txt', 'moved.txt', 'odd\n"name"\t*.txt', 'new.txt', 'never.txt']
    expect(await restored(clone, paths)).toEqual(paths.slice(0, 4))
    expect(gitIn(clone, 'diff', '--name-only', base)).toBe('kept.txt\nnew.txt\n')
    expect(gitIn(clone, 'diff')).toBe('')
  })

  test('a name is no pattern', async () => {
    rmSync(join(repo.work, 'gone.txt'))
    const clone = await cloneAt(repo.commit('work', { 'edited.txt': 'two\n', 'kept.txt': 'changed\n' }))
    expect(await restored(clone, ['*.txt', ':/', ':(glob)**'])).toEqual([])
    expect(gitIn(clone, 'status', '--porcelain')).toBe('')
  })
})
