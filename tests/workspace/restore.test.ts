import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { measureWork } from '../../src/workspace/measure-work.ts'
import { releaseWorkspace } from '../../src/workspace/release-workspace.ts'
import { makeFixture, NOW_MS } from './workspace-fixture.ts'

/** An attempt that was broken off with changed, new, deleted and ignored files, all saved. */
const brokenOff = async () => {
  const fixture = makeFixture()
  const { repo } = fixture
  repo.commit('files', { 'a.txt': 'one\n', 'gone.txt': 'x\n', '.gitignore': 'cache\n' })
  repo.push()
  const { path: tree, startSha } = await fixture.prepare('att-1')
  writeFileSync(join(tree, 'a.txt'), 'half\n')
  writeFileSync(join(tree, 'new.txt'), 'new\n')
  writeFileSync(join(tree, 'cache'), 'built\n')
  rmSync(join(tree, 'gone.txt'))
  await releaseWorkspace({ ...fixture, attemptId: 'att-1', nowMs: NOW_MS })
  const restore = { savedDir: fixture.savedDir, attemptId: 'att-1', startSha }
  return { fixture, startSha, restore }
}

test('a session goes on with the files it left, on the commit they were changes of', async () => {
  const { fixture, startSha, restore } = await brokenOff()
  const workspace = await fixture.prepare('att-2', { restore })
  expect(workspace).toMatchObject({ baseSha: startSha, startSha, restoredFrom: 'att-1' })
  const read = (name: string) => readFileSync(join(workspace.path, name), 'utf8')
  expect([read('a.txt'), read('new.txt'), read('cache')]).toEqual(['half\n', 'new\n', 'built\n'])
  expect(existsSync(join(workspace.path, 'gone.txt'))).toBe(false)
})

test('what was merged meanwhile is not undone (regression: the old files lay on the new base)', async () => {
  const { fixture, startSha, restore } = await brokenOff()
  fixture.repo.commit('merged meanwhile', { 'merged.txt': 'somebody else\n' })
  fixture.repo.push()
  const workspace = await fixture.prepare('att-2', { restore })
  expect(workspace.startSha).toBe(startSha)
  const { measurement: measured } = await measureWork({
    ...fixture,
    attemptId: 'att-2',
    workspace,
    message: 'work',
    nowMs: NOW_MS,
  })
  if (measured.changed.status !== 'KNOWN') throw new Error(measured.changed.status)
  expect(measured.changed.files.map(({ path }) => path).sort()).toEqual(['a.txt', 'gone.txt', 'new.txt'])
})

test('nothing is restored where that commit is no part of the branch any more', async () => {
  const { fixture, restore } = await brokenOff()
  fixture.repo.git('checkout', '-q', '--orphan', 'fresh')
  fixture.repo.commit('history rewritten', { 'a.txt': 'rewritten\n' })
  fixture.repo.git('push', '-q', '--force', 'origin', 'fresh:main')
  const workspace = await fixture.prepare('att-2', { restore })
  expect(workspace.restoredFrom).toBeNull()
  expect(readFileSync(join(workspace.path, 'a.txt'), 'utf8')).toBe('rewritten\n')
})
