import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { listSaved, recoverSaved } from '../../src/workspace/recover-saved.ts'
import { makeFixture } from './workspace-fixture.ts'

/** Every place a crash must be survivable, in the order they are passed. */
const PLACES = [
  'mirror.cloned',
  'workspace.cloned',
  'work.committed',
  'push.before',
  'push.after',
  'workspace.saved',
  'workspace.renamed',
]

const run = (fixture: ReturnType<typeof makeFixture>, env: Record<string, string>) => {
  const { mirror, workspacesDir, savedDir, effect, repo } = fixture
  const given = JSON.stringify({ mirror, workspacesDir, savedDir, effect, url: repo.bare })
  const script = join(import.meta.dirname, 'work-once.ts')
  return spawnSync(process.execPath, [script, given], { env: { ...repo.env, ...env }, encoding: 'utf8' })
}

test('the places are those that are passed', () => {
  const fixture = makeFixture()
  const log = join(fixture.workspacesDir, '../passed')
  expect(run(fixture, { OC_SUPERVISE_FAILPOINT_LOG: log }).stderr).toBe('')
  const passed = readFileSync(log, 'utf8').trim().split('\n')
  expect(passed.filter((name) => !name.startsWith('spawn.'))).toEqual(PLACES)
})

test.each(PLACES)('killed at %s, the next life comes to the same end', async (place) => {
  const fixture = makeFixture()
  expect(run(fixture, { OC_SUPERVISE_FAILPOINT: `${place}=kill` }).signal).toBe('SIGKILL')
  const again = run(fixture, {})
  expect(again.stderr).toBe('')
  expect(again.status).toBe(0)

  const { repo, workspacesDir, savedDir } = fixture
  expect(readdirSync(workspacesDir)).toEqual([])
  expect(repo.gitBare('show', 'att-1:work.txt')).toBe('work')
  expect(repo.gitBare('rev-list', '--count', 'main..att-1')).toBe('1')
  expect(listSaved(savedDir)).toMatchObject([{ attemptId: 'att-1' }])
  const folder = join(workspacesDir, '../recovered')
  await recoverSaved({ savedDir, attemptId: 'att-1', folder })
  expect(readFileSync(join(folder, 'tree/work.txt'), 'utf8')).toBe('work\n')
  expect(existsSync(join(folder, 'ready.json'))).toBe(false)
})

test('locks that a killed git left on refs of the attempt are in nobody’s way', () => {
  const fixture = makeFixture()
  run(fixture, { OC_SUPERVISE_FAILPOINT: 'work.committed=kill' })
  for (const lock of [
    join(fixture.mirror, 'refs/attempts/att-1/work.lock'),
    join(fixture.savedDir, 'refs/saved/att-1/files.lock'),
    join(fixture.savedDir, 'refs/saved/att-1/git/0/HEAD.lock'),
  ]) {
    mkdirSync(dirname(lock), { recursive: true })
    writeFileSync(lock, '')
  }
  expect(run(fixture, {})).toMatchObject({ status: 0, stderr: '' })
  expect(fixture.repo.gitBare('show', 'att-1:work.txt')).toBe('work')
  expect(listSaved(fixture.savedDir)).toMatchObject([{ attemptId: 'att-1' }])
})
