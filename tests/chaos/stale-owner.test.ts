import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { EffectInput } from '../../src/contracts/effect-io.ts'
import type { Verdict } from '../../src/contracts/pull.ts'
import { layoutOf } from './one-owner.ts'
import { addRunning, published, setUp, stoppedOwner, TASK } from './stopped-owner.ts'

const STALE = { error: 'StaleOwnerError' }

describe('a stopped owner whose lease another host has taken over', () => {
  test.each([
    ['before its last token check', 'owner.claimed'],
    ['after it', 'merge.before'],
  ])('mergePull %s (%s): the new owner merges, and the old one finds that done', async (_side, point) => {
    const scene = await setUp()
    const { merge } = await published(scene)
    const wake = await stoppedOwner(scene, point, 'mergePull', merge)
    const own = await scene.ownAs('host-b')
    const done = await own.perform('mergePull', merge)
    const heads = scene.heads()
    expect(await wake()).toEqual({ output: done })
    expect(scene.heads()).toBe(heads)
    expect(scene.repo.gitBare('log', '--format=%s', 'main')).toBe('Do it\nfirst')
    expect(done).toEqual({ outcome: 'merged', sha: scene.repo.gitBare('rev-parse', 'main') })
  })

  test.each([
    ['owner.claimed', STALE],
    ['merge.before', { output: { outcome: 'head_moved' } }],
  ] as const)('mergePull at %s: a head that was revised meanwhile is not merged', async (point, told) => {
    const scene = await setUp()
    const { merge } = await published(scene)
    const wake = await stoppedOwner(scene, point, 'mergePull', merge)
    const own = await scene.ownAs('host-b')
    await own.perform('publishBranch', scene.push('att-1', scene.revisedSha, scene.headSha))
    const heads = scene.heads()
    expect(await wake()).toMatchObject(told)
    expect(scene.heads()).toBe(heads)
    expect(await own.forge.findPull('project', 'att-1')).toMatchObject({ state: 'open', mergeSha: null })
  })

  test('mergePull after its check: on a base that moved meanwhile it merges nothing', async () => {
    const scene = await setUp()
    const { merge } = await published(scene)
    const wake = await stoppedOwner(scene, 'merge.before', 'mergePull', merge)
    await scene.ownAs('host-b')
    scene.repo.git('switch', '--quiet', 'main')
    scene.repo.commit('other', { 'other.txt': 'other\n' })
    scene.repo.push()
    const heads = scene.heads()
    expect(await wake()).toMatchObject({ output: { outcome: 'base_moved' } })
    expect(scene.heads()).toBe(heads)
  })

  test('mergePull after its check, forestalled by nobody: the approved merge itself, which the new owner finds done', async () => {
    const scene = await setUp()
    const { merge } = await published(scene)
    const wake = await stoppedOwner(scene, 'merge.before', 'mergePull', merge)
    const own = await scene.ownAs('host-b')
    const told = await wake()
    const heads = scene.heads()
    expect({ output: await own.perform('mergePull', merge) }).toMatchObject({ output: { outcome: 'merged' } })
    expect(told).toHaveProperty('error')
    expect(scene.heads()).toBe(heads)
    expect(scene.repo.gitBare('log', '--format=%s', 'main')).toBe('Do it\nfirst')
    expect(await own.forge.findPull('project', 'att-1')).toMatchObject({ state: 'merged' })
  })

  test('a first push before its check: nothing reaches the remote', async () => {
    const scene = await setUp()
    const wake = await stoppedOwner(
      scene,
      'owner.claimed',
      'publishBranch',
      scene.push('att-1', scene.headSha, null),
    )
    await scene.ownAs('host-b')
    const heads = scene.heads()
    expect(await wake()).toMatchObject(STALE)
    expect(scene.heads()).toBe(heads)
  })

  test('a first push after its check lands on the ref of its own attempt, which nobody uses', async () => {
    const scene = await setUp()
    const wake = await stoppedOwner(
      scene,
      'push.before',
      'publishBranch',
      scene.push('att-1', scene.headSha, null),
    )
    const own = await scene.ownAs('host-b')
    await own.perform('publishBranch', scene.push('att-2', scene.headSha, null))
    await own.perform('openPull', { ...scene.opening, headBranch: 'att-2' } as EffectInput<'openPull'>)
    const heads = scene.heads()
    await wake()
    expect(scene.heads()).toBe(`att-1 ${scene.headSha}\n${heads}`)
    expect(await own.forge.listPulls({ limit: 10 })).toMatchObject([{ headBranch: 'att-2', state: 'open' }])
  })

  test('a revision after its check loses its lease to the new owner’s', async () => {
    const scene = await setUp()
    await published(scene)
    const wake = await stoppedOwner(
      scene,
      'push.before',
      'publishBranch',
      scene.push('att-1', scene.revisedSha, scene.headSha),
    )
    const own = await scene.ownAs('host-b')
    const otherSha = scene.repo.commit('revised otherwise', { 'made.txt': 'best\n' })
    cpSync(join(scene.repo.work, '.git'), layoutOf(scene.meeting).mirror('project'), { recursive: true })
    await own.perform('publishBranch', scene.push('att-1', otherSha, scene.headSha))
    const heads = scene.heads()
    expect(await wake()).toMatchObject({
      error: 'EffectFailure',
      message: expect.stringContaining('publish_failed'),
    })
    expect(scene.heads()).toBe(heads)
  })

  test('a revision that nobody forestalled leaves a head without a verdict, which cannot merge', async () => {
    const scene = await setUp()
    const { pull, merge } = await published(scene)
    const wake = await stoppedOwner(
      scene,
      'push.before',
      'publishBranch',
      scene.push('att-1', scene.revisedSha, scene.headSha),
    )
    const own = await scene.ownAs('host-b')
    await wake()
    const { headSha, baseSha } = scene
    const judged = (await own.perform('judgePull', {
      pullId: pull.id,
      repo: 'project',
      attemptId: 'att-chaos-1' as EffectInput<'judgePull'>['attemptId'],
      commit: { sha: headSha, tree: headSha, baseSha, patchId: 'p' } as EffectInput<'judgePull'>['commit'],
      checks: {
        sha: headSha,
        purpose: 'head',
        passed: true,
        results: [],
        containment: 'swept',
        restored: [],
      } as EffectInput<'judgePull'>['checks'],
    })) as { verdict: Verdict }
    expect(judged.verdict.decision).toBe('reject')
    expect(await own.perform('mergePull', merge)).toMatchObject({ outcome: 'head_moved' })
    expect(scene.repo.gitBare('rev-parse', 'main')).toBe(baseSha)
  })

  test.each([
    ['owner.claimed', STALE],
    ['put:comment.posted:before', { output: { posted: false } }],
  ])('a comment at %s is not made beside the new owner’s', async (point, told) => {
    const scene = await setUp()
    const comment = { on: TASK, mark: 'blocked:1', text: 'Blocked' }
    const wake = await stoppedOwner(scene, point, 'comment', comment)
    const own = await scene.ownAs('host-b')
    expect(await own.perform('comment', comment)).toEqual({ posted: true })
    expect(await wake()).toMatchObject(told)
    expect(await own.board.comments(TASK)).toHaveLength(1)
  })

  test.each([['owner.claimed'], ['put:comment.posted:before']])(
    'a comment at %s that nobody else makes is not made',
    async (point) => {
      const scene = await setUp()
      const wake = await stoppedOwner(scene, point, 'comment', {
        on: TASK,
        mark: 'blocked:1',
        text: 'Blocked',
      })
      const own = await scene.ownAs('host-b')
      expect(await wake()).toMatchObject(STALE)
      expect(await own.board.comments(TASK)).toEqual([])
    },
  )

  test('a pull request after its check is not opened', async () => {
    const scene = await setUp()
    const wake = await stoppedOwner(
      scene,
      'put:pull.opened:before',
      'openPull',
      scene.opening as EffectInput<'openPull'>,
    )
    const own = await scene.ownAs('host-b')
    expect(await wake()).toMatchObject(STALE)
    expect(await own.forge.listPulls({ limit: 10 })).toEqual([])
  })

  test.each([['owner.claimed'], ['put:task.moved.Review:before']])(
    'a card at %s stays where the new owner put it',
    async (point) => {
      const scene = await setUp()
      await addRunning(scene)
      const wake = await stoppedOwner(scene, point, 'moveTask', {
        taskId: TASK,
        from: ['Running'],
        to: 'Review',
        phase: 'automated',
        reason: 'published',
      })
      const own = await scene.ownAs('host-b')
      expect(await wake()).toMatchObject(STALE)
      expect(await own.board.get(TASK)).toMatchObject({ state: 'Running' })
    },
  )
})
