import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { EffectInput } from '../../src/contracts/effect-io.ts'
import type { Fence } from '../../src/contracts/fence.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import type { Store } from '../../src/durable/store.ts'
import { localForge } from '../../src/forge/local-forge.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { selfIdentity } from '../../src/platform/process-identity.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { makeTestRepo } from '../support/test-repo.ts'

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5)
const stores: Store[] = []
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
})

const setUp = async () => {
  const dir = makeTempDir('forge')
  const repo = makeTestRepo(dir)
  const store = await openSqliteStore({ path: join(dir, 'journal.db'), clock: systemClock })
  stores.push(store)
  const forge = localForge({
    records: store,
    repos: { api: { key: 'api', url: repo.bare } },
    writer: 'inc-1',
  })
  const fence = await fenceOf(store, 'task-1', 'one')
  /** A pull request of branch `work` with one commit on `main`. */
  const open = async () => {
    const baseSha = repo.git('rev-parse', 'main')
    repo.git('switch', '--quiet', '--create', 'work')
    const headSha = repo.commit('work', { 'work.txt': 'work\n' })
    repo.push()
    repo.git('switch', '--quiet', 'main')
    const opened = {
      taskId: 'task-1',
      repo: 'api',
      headBranch: 'work',
      baseBranch: 'main',
      headSha,
      title: 't',
      body: 'b',
    }
    const pull = await forge.openPull(opened as EffectInput<'openPull'>, fence)
    const merge = {
      ...{
        pullId: pull.id,
        repo: 'api',
        headSha,
        baseSha,
        method: 'squash',
        message: 'Do it',
        nowMs: NOW_MS,
      },
    } as EffectInput<'mergePull'>
    return { pull, opened: opened as EffectInput<'openPull'>, merge, headSha, baseSha }
  }
  return { dir, repo, store, forge, fence, open }
}

const fenceOf = async (store: Store, actor: string, name: string): Promise<Fence & { holder: string }> => {
  const owner = { incarnation: `inc-${name}` as never, host: name, identity: selfIdentity() }
  const claimed = await store.claim(actor, 'goal', owner, 1)
  if (!claimed.ok) throw new Error('not claimed')
  const { token } = claimed.lease
  const check = async () => {
    if (!(await store.checkFence(actor, token))) throw new Error('stale owner')
  }
  return { actor, token, check, holder: owner.incarnation }
}

describe('localForge: pull requests', () => {
  test('there is one for each head branch, however often it is opened', async () => {
    const { forge, fence, open } = await setUp()
    const { pull, opened } = await open()
    expect(pull).toMatchObject({ state: 'open', headBranch: 'work', mergeSha: null })
    expect(await forge.openPull({ ...opened, title: 'other' }, fence)).toEqual(pull)
    expect(await forge.findPull('api', 'work')).toEqual(pull)
    expect(await forge.findPull('api', 'other')).toBeNull()
    expect(await forge.listPulls({ repo: 'api', state: 'open', limit: 10 })).toEqual([pull])
  })

  test('facts come from the remote’s own refs', async () => {
    const { repo, forge, open } = await setUp()
    const { pull, headSha, baseSha } = await open()
    expect(await forge.readPull(pull.id)).toEqual({ pull, headSha, baseSha })
    repo.git('switch', '--quiet', 'work')
    const moved = repo.commit('more', { 'more.txt': 'x\n' })
    repo.push()
    expect(await forge.readPull(pull.id)).toMatchObject({ headSha: moved, pull: { headSha: moved } })
    repo.gitBare('update-ref', '-d', 'refs/heads/work')
    await expect(forge.readPull(pull.id)).rejects.toThrow(/branch work does not exist/)
    await expect(forge.readPull('pull-none')).rejects.toMatchObject({ failureClass: 'publish_failed' })
  })

  test('closed, and opened again', async () => {
    const { forge, fence, open } = await setUp()
    const { pull, opened, merge } = await open()
    expect(await forge.close(pull.id, 'no longer wanted', fence)).toMatchObject({ state: 'closed' })
    expect(await forge.comments(pull.id)).toMatchObject([{ mark: 'closed', text: 'no longer wanted' }])
    expect(await forge.merge(merge, fence)).toMatchObject({ outcome: 'closed' })
    expect(await forge.openPull(opened, fence)).toMatchObject({ id: pull.id, state: 'open' })
    expect(await forge.close(pull.id, 'again', fence)).toMatchObject({ state: 'closed' })
  })

  test('a mark is commented once, by two at once too', async () => {
    const { forge, fence, open } = await setUp()
    const { pull } = await open()
    const comment = { mark: 'checks', text: 'passed' }
    const posted = await Promise.all([1, 2, 3].map(() => forge.comment(pull.id, comment, fence)))
    expect(posted.filter((result) => result.posted)).toHaveLength(1)
    expect(await forge.comments(pull.id)).toHaveLength(1)
  })

  test('a stale owner writes nothing', async () => {
    const { repo, store, forge, fence, open } = await setUp()
    const { pull, opened, merge, baseSha } = await open()
    await store.release('task-1', fence.token, fence.holder as never)
    await fenceOf(store, 'task-1', 'two')
    const unchecked = { ...fence, check: async () => {} }
    for (const stale of [fence, unchecked]) {
      await expect(forge.comment(pull.id, { mark: 'm', text: 't' }, stale)).rejects.toThrow()
      await expect(forge.close(pull.id, 'x', stale)).rejects.toThrow()
      await expect(forge.openPull({ ...opened, headBranch: 'other' }, stale)).rejects.toThrow()
    }
    await expect(forge.merge(merge, fence)).rejects.toThrow('stale owner')
    expect(repo.gitBare('rev-parse', 'main')).toBe(baseSha)
    expect((await forge.readPull(pull.id)).pull.state).toBe('open')
  })

  test.each(['-x', 'a..b', 'a b', 'x.lock', '/x', 'a//b', 'a\nb', '@', '.x'])(
    'refuses branch %j',
    async (headBranch) => {
      const { forge, fence, open } = await setUp()
      const { opened } = await open()
      await expect(forge.openPull({ ...opened, headBranch }, fence)).rejects.toThrow(/not a branch name/)
    },
  )
})

describe('localForge: merging', () => {
  test.each(['squash', 'merge'] as const)(
    '%s makes a real commit with trailers, and records it',
    async (method) => {
      const { repo, forge, fence, open } = await setUp()
      const { pull, merge, headSha, baseSha } = await open()
      const outcome = await forge.merge({ ...merge, method }, fence)
      const sha = repo.gitBare('rev-parse', 'main')
      expect(outcome).toEqual({ outcome: 'merged', sha })
      expect(repo.gitBare('log', '-1', '--format=%P', sha)).toBe(
        method === 'squash' ? baseSha : `${baseSha} ${headSha}`,
      )
      expect(repo.gitBare('log', '-1', '--format=%B%at', sha)).toBe(
        `Do it\n\nTask: task-1\nPull-Request: ${pull.id}\nHead: ${headSha}\n\n${NOW_MS / 1000}`.replace(
          '\n\n1',
          '\n1',
        ),
      )
      expect(repo.gitBare('show', `${sha}:work.txt`)).toBe('work')
      expect((await forge.readPull(pull.id)).pull).toMatchObject({ state: 'merged', mergeSha: sha })
      expect(await forge.merge({ ...merge, method }, fence)).toEqual(outcome)
      expect(repo.gitBare('rev-list', '--count', `${baseSha}..main`)).toBe(method === 'squash' ? '1' : '2')
      repo.gitBare('fsck', '--strict')
    },
  )

  test('a lock that a killed git left on the base long ago is in nobody’s way; a fresh one is respected', async () => {
    const { dir, forge, fence, open } = await setUp()
    const { merge } = await open()
    const lock = join(dir, 'remote.git', 'refs', 'heads', 'main.lock')
    writeFileSync(lock, '')
    await expect(forge.merge(merge, fence)).rejects.toMatchObject({ failureClass: 'publish_failed' })
    const longAgo = Date.now() / 1000 - 61
    utimesSync(lock, longAgo, longAgo)
    expect(await forge.merge(merge, fence)).toMatchObject({ outcome: 'merged' })
  })

  test('a moved base, a moved head, a deleted head: nothing changes', async () => {
    const { repo, forge, fence, open } = await setUp()
    const { merge, baseSha } = await open()
    const moved = repo.commit('base moves', { 'other.txt': 'x\n' })
    repo.push()
    expect(await forge.merge(merge, fence)).toEqual({ outcome: 'base_moved', baseSha: moved })
    const onNewBase = { ...merge, baseSha: moved as never }
    repo.git('switch', '--quiet', 'work')
    const newHead = repo.commit('somebody pushes', { 'more.txt': 'x\n' })
    repo.push()
    expect(await forge.merge(onNewBase, fence)).toEqual({ outcome: 'head_moved', headSha: newHead })
    repo.gitBare('update-ref', '-d', 'refs/heads/work')
    expect(await forge.merge(onNewBase, fence)).toMatchObject({ outcome: 'closed' })
    const unknown = { ...onNewBase, headSha: 'f'.repeat(40) as never }
    expect(await forge.merge(unknown, fence)).toMatchObject({ outcome: 'closed' })
    expect(repo.gitBare('rev-parse', 'main')).toBe(moved)
    expect(moved).not.toBe(baseSha)
  })

  test('a conflict is an outcome that names the paths', async () => {
    const { repo, forge, fence, open } = await setUp()
    const { merge } = await open()
    const baseSha = repo.commit('same file', { 'work.txt': 'other\n' })
    repo.push()
    expect(await forge.merge({ ...merge, baseSha: baseSha as never }, fence)).toEqual({
      outcome: 'conflict',
      reason: 'conflicts in work.txt',
    })
  })

  test('two at once: one merge, both say so', async () => {
    const { repo, forge, fence, open } = await setUp()
    const { merge, baseSha } = await open()
    const outcomes = await Promise.all([1, 2, 3].map(() => forge.merge(merge, fence)))
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1)
    expect(repo.gitBare('rev-list', '--count', `${baseSha}..main`)).toBe('1')
  })

  test('a push between our look and our merge wins: the base is never overwritten', async () => {
    const { repo, forge, fence, open } = await setUp()
    const { merge } = await open()
    let moved = ''
    // The fence is asked right before the branch moves; whoever comes in between must win.
    const racing = {
      ...fence,
      check: async () => {
        moved = repo.commit('in between', { 'between.txt': 'x\n' })
        repo.push()
      },
    }
    expect(await forge.merge(merge, racing)).toEqual({ outcome: 'base_moved', baseSha: moved })
    expect(repo.gitBare('rev-parse', 'main')).toBe(moved)
  })

  test('an interrupted merge is recognised, also after more was merged on top, and recorded', async () => {
    const { repo, store, forge, fence, open } = await setUp()
    const { pull, merge } = await open()
    expect(await forge.reconcileMerge(merge, fence)).toBeNull()
    const dying = {
      ...store,
      put: async () => {
        throw new Error('killed')
      },
    }
    const other = localForge({
      records: dying,
      repos: { api: { key: 'api', url: repo.bare } },
      writer: 'inc-1',
    })
    await expect(other.merge(merge, fence)).rejects.toThrow('killed')
    const sha = repo.gitBare('rev-parse', 'main')
    expect((await forge.readPull(pull.id)).pull.state).toBe('open')
    repo.git('pull', '--quiet', 'origin', 'main')
    repo.commit('on top', { 'top.txt': 'x\n' })
    repo.push()
    expect(await forge.reconcileMerge(merge, fence)).toEqual({ outcome: 'merged', sha })
    expect((await forge.readPull(pull.id)).pull).toMatchObject({ state: 'merged', mergeSha: sha })
  })

  test('a lock somebody left is waited for, then named', async () => {
    const { repo, forge, fence, open } = await setUp()
    const { merge } = await open()
    const lock = join(repo.bare, 'refs/heads/main.lock')
    writeFileSync(lock, '')
    const merging = forge.merge(merge, fence)
    rmSync(lock)
    expect(await merging).toMatchObject({ outcome: 'merged' })
  })
})

describe('localForge: the remote', () => {
  test.each([
    ['git@github.com:acme/api.git', /needs an absolute path or a file:\/\/ URL/],
    ['https://example.com/api.git', /needs an absolute path/],
    ['/nowhere/at/all', /is no git repository; make one/],
  ])('%s is refused with a remedy', async (url, message) => {
    const { store, fence, open } = await setUp()
    const { opened } = await open()
    const forge = localForge({ records: store, repos: { api: { key: 'api', url } }, writer: 'inc-1' })
    await expect(forge.openPull({ ...opened, headBranch: 'x' }, fence)).rejects.toThrow(message)
  })

  test('a work tree is refused; a file URL is fine', async () => {
    const { repo, store, fence, open } = await setUp()
    const { opened } = await open()
    const of = (url: string) =>
      localForge({ records: store, repos: { api: { key: 'api', url } }, writer: 'inc-1' })
    await expect(of(repo.work).openPull(opened, fence)).rejects.toThrow(/git clone --bare/)
    expect(await of(`file://${repo.bare}`).openPull(opened, fence)).toMatchObject({ state: 'open' })
  })
})
