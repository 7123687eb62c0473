import { describe, expect, test } from 'vitest'
import type { Fence } from '../../src/contracts/fence.ts'
import { git } from '../../src/platform/git.ts'
import { pushBranch, reconcilePush } from '../../src/workspace/push.ts'
import { remoteHeads } from '../../src/workspace/remote-head.ts'
import { makeFixture, NOW_MS } from './workspace-fixture.ts'

const fence: Fence = { actor: 'task-1', token: 1, check: async () => {} }

const setUp = async () => {
  const fixture = makeFixture()
  await fixture.mirrorNow()
  const base = fixture.repo.git('rev-parse', 'HEAD')
  const commit = async (message: string) => {
    const date = `${NOW_MS / 1000} +0000`
    const made = await git(['commit-tree', '-p', base, '-m', message, `${base}^{tree}`], {
      gitDir: fixture.mirror,
      env: { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    })
    return made.stdout.trim()
  }
  const [one, two] = [await commit('one'), await commit('two')]
  const push = (sha: string, expected: string | null, changes = {}) =>
    pushBranch({ ...fixture, url: fixture.repo.bare, branch: 'att-1', sha, expected, fence, ...changes })
  const remote = () => fixture.repo.gitBare('for-each-ref', '--format=%(objectname)', 'refs/heads/att-1')
  return { ...fixture, base, one, two, push, remote }
}

describe('pushBranch', () => {
  test('a first push makes the branch, and may be repeated', async () => {
    const { push, remote, one } = await setUp()
    await push(one, null)
    await push(one, null)
    expect(remote()).toBe(one)
  })

  test('a first push to a branch somebody has is refused and changes nothing', async () => {
    const { push, remote, one, two } = await setUp()
    await push(one, null)
    await expect(push(two, null)).rejects.toThrow(`att-1 is at ${one}, expected nothing`)
    await expect(push(two, null)).rejects.toMatchObject({ failureClass: 'publish_failed' })
    expect(remote()).toBe(one)
  })

  test('a revision moves the branch only from the head that was judged, and never back', async () => {
    const { push, remote, one, two, base } = await setUp()
    await push(one, null)
    await push(two, one)
    await expect(push(base, one)).rejects.toThrow(`is at ${two}, expected ${one}`)
    expect(remote()).toBe(two)
  })

  test('the fence is asked first', async () => {
    const { push, remote, one } = await setUp()
    const stale = {
      ...fence,
      check: async () => {
        throw new Error('stale owner')
      },
    }
    await expect(push(one, null, { fence: stale })).rejects.toThrow('stale owner')
    expect(remote()).toBe('')
  })

  test('reconciling asks the remote', async () => {
    const { push, repo, effect, one, two } = await setUp()
    const ask = (sha: string) => reconcilePush({ url: repo.bare, branch: 'att-1', sha, effect })
    expect(await ask(one)).toBe(false)
    await push(one, null)
    expect([await ask(one), await ask(two)]).toEqual([true, false])
  })

  test('no answer is an error, never "no branch"', async () => {
    const { effect } = await setUp()
    const asked = remoteHeads({ url: '/nowhere/at/all.git', branches: ['main'], effect })
    await expect(asked).rejects.toMatchObject({ failureClass: 'publish_failed' })
  })

  test('only exact names count', async () => {
    const { repo, effect } = await setUp()
    repo.git('push', '--quiet', 'origin', 'HEAD:refs/heads/other/refs/heads/main2', 'HEAD:refs/heads/x/main')
    const heads = await remoteHeads({ url: repo.bare, branches: ['main', 'main2'], effect })
    expect([...heads.keys()]).toEqual(['main'])
  })
})
