import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { git } from '../../src/platform/git.ts'
import { ensureMirror } from '../../src/workspace/ensure-mirror.ts'
import { makeFixture } from './workspace-fixture.ts'

const refsOf = async (mirror: string): Promise<string[]> =>
  (await git(['for-each-ref', '--format=%(refname)'], { gitDir: mirror })).stdout.trim().split('\n')

describe('ensureMirror', () => {
  test('copies branches and tags and nothing else, and follows them', async () => {
    const { repo, mirror, mirrorNow } = makeFixture()
    repo.git('tag', 'v1')
    repo.git('push', '--quiet', 'origin', 'v1', 'HEAD:refs/heads/gone', 'HEAD:refs/other/thing')
    await mirrorNow()
    expect(await refsOf(mirror)).toEqual(['refs/heads/gone', 'refs/heads/main', 'refs/tags/v1'])

    await git(['update-ref', 'refs/attempts/att-1/work', 'refs/heads/main'], { gitDir: mirror })
    const sha = repo.commit('second', { 'new.txt': 'x\n' })
    repo.push()
    repo.git('push', '--quiet', 'origin', ':refs/heads/gone')
    await mirrorNow()
    expect(await refsOf(mirror)).toEqual(['refs/attempts/att-1/work', 'refs/heads/main', 'refs/tags/v1'])
    expect((await git(['rev-parse', 'refs/heads/main'], { gitDir: mirror })).stdout.trim()).toBe(sha)
  })

  test('two lanes at once make one mirror', async () => {
    const { mirror, mirrorNow } = makeFixture()
    await Promise.all([mirrorNow(), mirrorNow(), mirrorNow()])
    expect(readdirSync(dirname(mirror)).filter((name) => !name.startsWith('api.git.lock'))).toEqual([
      'api.git',
    ])
  })

  test('an unfinished clone of a crash is taken away, and never seen as a mirror', async () => {
    const { mirror, mirrorNow } = makeFixture()
    const unfinished = `${mirror}.0123.new`
    mkdirSync(join(unfinished, 'objects'), { recursive: true })
    await mirrorNow()
    expect(existsSync(unfinished)).toBe(false)
    expect(await refsOf(mirror)).toEqual(['refs/heads/main'])
  })

  test('a lock that a killed git left behind is taken away once it is old', async () => {
    const { repo, mirror, mirrorNow } = makeFixture()
    await mirrorNow()
    const lock = join(mirror, 'refs', 'heads', 'main.lock')
    writeFileSync(lock, '')
    utimesSync(lock, 1, 1)
    repo.commit('second', { 'new.txt': 'x\n' })
    repo.push()
    await mirrorNow()
    expect(existsSync(lock)).toBe(false)
  })

  test('a remote that is not there is a clear error without its password', async () => {
    const { mirror, effect } = makeFixture()
    const url = 'file://user:secret@localhost/nowhere/at/all.git'
    const failure = await ensureMirror({ url, mirror, effect }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ name: 'WorkspaceFailure', failureClass: 'infra_tooling' })
    expect(String(failure)).toContain('cannot be cloned')
    expect(String(failure)).not.toContain('secret')
    expect(existsSync(mirror)).toBe(false)
  })
})
