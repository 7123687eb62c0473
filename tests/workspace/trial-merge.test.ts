import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { git } from '../../src/platform/git.ts'
import { freshClone } from '../../src/workspace/fresh-clone.ts'
import { patchOf } from '../../src/workspace/patch-of.ts'
import { trialMerge } from '../../src/workspace/trial-merge.ts'
import { makeFixture, NOW_MS } from './workspace-fixture.ts'

const setUp = async (baseFiles: Record<string, string>) => {
  const fixture = makeFixture()
  const { repo } = fixture
  const fork = repo.git('rev-parse', 'HEAD')
  repo.git('switch', '--quiet', '--create', 'work')
  const headSha = repo.commit('work', { 'src/app.txt': 'one\ntwo\nchanged\n' })
  repo.push()
  repo.git('switch', '--quiet', 'main')
  const baseSha = repo.commit('base moves', baseFiles)
  repo.push()
  await fixture.mirrorNow()
  return { ...fixture, fork, input: { ...fixture, attemptId: 'att-1', headSha, baseSha, nowMs: NOW_MS } }
}

describe('trialMerge', () => {
  test('gives the same commit every time, with the patch id the head has on its old base', async () => {
    const { mirror, fork, input, repo } = await setUp({ 'other.txt': 'x\n' })
    const merged = await trialMerge(input)
    expect(await trialMerge(input)).toEqual(merged)
    if (merged.result !== 'clean') throw new Error(merged.reason)
    expect(merged.patchId).toBe((await patchOf(mirror, fork, input.headSha)).patchId)
    expect((await git(['show', `${merged.sha}:other.txt`], { gitDir: mirror })).stdout).toBe('x\n')
    expect(repo.gitBare('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main\nrefs/heads/work')
  })

  test('names what conflicts', async () => {
    const { input } = await setUp({ 'src/app.txt': 'one\ntwo\nelse\n' })
    expect(await trialMerge(input)).toEqual({ result: 'conflict', reason: 'conflicts in src/app.txt' })
  })
})

describe('freshClone', () => {
  test('is a clone at exactly that commit, also one that no branch has; replaces leftovers, and goes away', async () => {
    const { input } = await setUp({ 'other.txt': 'x\n' })
    const merged = await trialMerge(input)
    if (merged.result !== 'clean') throw new Error(merged.reason)
    await freshClone({ ...input, number: 1, sha: input.baseSha })
    const clone = await freshClone({ ...input, number: 1, sha: merged.sha })
    expect((await git(['rev-parse', 'HEAD'], { cwd: clone.path })).stdout.trim()).toBe(merged.sha)
    expect(readFileSync(join(clone.path, 'src/app.txt'), 'utf8')).toBe('one\ntwo\nchanged\n')
    expect(existsSync(join(clone.path, '.git/objects/info/alternates'))).toBe(false)
    await clone.remove()
    await clone.remove()
    expect(existsSync(clone.path)).toBe(false)
  })

  test('an unknown commit is an error that names it', async () => {
    const { input } = await setUp({ 'other.txt': 'x\n' })
    const sha = 'f'.repeat(40)
    await expect(freshClone({ ...input, number: 1, sha })).rejects.toThrow(sha)
  })
})
