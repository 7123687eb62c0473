import { spawn } from 'node:child_process'
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { parseTask } from '../../src/board/parse-task.ts'
import type { EffectInput, EffectName } from '../../src/contracts/effect-io.ts'
import type { Pull } from '../../src/contracts/pull.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { makeTestRepo } from '../support/test-repo.ts'
import { until } from '../support/until.ts'
import { layoutOf, type Meeting, type Ownership, takeOwnership } from './one-owner.ts'
import { killOne, stateOf } from './project-processes.ts'

export const TASK = 'task-chaos' as Meeting['task']
const FIRST_OWNER = join(import.meta.dirname, 'fixtures', 'first-owner.ts')
/** How long the first owner's lease lasts: it is stopped for longer. */
const LEASE_MS = 200
const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5)

const open: Ownership[] = []
const children: number[] = []
afterEach(async () => {
  for (const pid of children.splice(0)) killOne(pid, 'SIGKILL')
  for (const { store } of open.splice(0)) await store.close()
})

/** A task in Running with one commit beside main, and another that revises it. */
export const setUp = async () => {
  const dir = makeTempDir('claims')
  const repo = makeTestRepo(dir)
  const meeting: Meeting = { dir, remote: repo.bare, task: TASK }
  const layout = layoutOf(meeting)
  const baseSha = repo.git('rev-parse', 'HEAD')
  repo.git('switch', '--quiet', '--create', 'work')
  const headSha = repo.commit('work', { 'made.txt': 'work\n' })
  const revisedSha = repo.commit('revised', { 'made.txt': 'better\n' })
  for (const folder of [layout.mirrors, layout.registrations]) mkdirSync(folder, { recursive: true })
  cpSync(join(repo.work, '.git'), layout.mirror('project'), { recursive: true })

  const ownAs = async (host: string): Promise<Ownership> => {
    const own = await until(() => takeOwnership(meeting, host, 60_000))
    open.push(own)
    return own
  }
  const heads = () => repo.gitBare('for-each-ref', '--format=%(refname:short) %(objectname)', 'refs/heads')
  const push = (branch: string, sha: string, expected: string | null) => ({
    repo: 'project',
    branch,
    sha,
    expected,
  })
  const opening = {
    taskId: TASK,
    repo: 'project',
    headBranch: 'att-1',
    baseBranch: 'main',
    headSha,
    title: 't',
    body: 'b',
  }
  return { dir, repo, meeting, baseSha, headSha, revisedSha, ownAs, heads, push, opening }
}

type Scene = Awaited<ReturnType<typeof setUp>>

/** Publishes the work as a pull request, by an owner that goes away in peace. */
export const published = async (scene: Scene): Promise<{ pull: Pull; merge: EffectInput<'mergePull'> }> => {
  const { baseSha, headSha } = scene
  const own = await takeOwnership(scene.meeting, 'host-0', 1)
  if (own === null) throw new Error('nobody else should hold it yet')
  await own.perform('publishBranch', scene.push('att-1', headSha, null))
  const pull = (await own.perform('openPull', scene.opening)) as Pull
  await own.store.close()
  const merge = {
    pullId: pull.id,
    repo: 'project',
    headSha,
    baseSha,
    method: 'squash',
    message: 'Do it',
    nowMs: NOW_MS,
  } as const
  return { pull, merge }
}

/** Starts the owner on `host-a` and lets it stop itself at the point; answers with what it tells once it is continued. */
export const stoppedOwner = async <N extends EffectName>(
  scene: Scene,
  point: string,
  effect: N,
  input: EffectInput<N>,
) => {
  const argv = [FIRST_OWNER, JSON.stringify(scene.meeting), effect, JSON.stringify(input), String(LEASE_MS)]
  const env = { PATH: process.env.PATH ?? '', OC_SUPERVISE_FAILPOINT: `${point}=stop` }
  const child = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const pid = child.pid ?? 0
  children.push(pid)
  let told = ''
  child.stdout.on('data', (chunk) => {
    told += chunk
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  await until(() => stateOf(pid) === 'T', { what: `${effect} to stop at ${point}` })
  return async (): Promise<{ output?: unknown; error?: string; message?: string }> => {
    killOne(pid, 'SIGCONT')
    await ended
    return JSON.parse(told)
  }
}

/** Puts the task on the board and into Running, by an owner that goes away in peace. */
export const addRunning = async ({ meeting }: Scene): Promise<void> => {
  const own = await takeOwnership(meeting, 'host-0', 1)
  if (own === null) throw new Error('nobody else should hold it yet')
  const spec = parseTask({
    id: TASK,
    title: null,
    text: 'Write made.txt',
    labels: ['repo: project'],
    author: 'ada',
    trust: 'trusted',
    createdAtMs: NOW_MS,
    parent: null,
  })
  await own.board.add(spec, 'Ready', { actor: 'person', name: 'ada', fence: null })
  const claimed = { taskId: TASK, from: ['Ready'], to: 'Running', phase: null, reason: 'claimed' } as const
  await own.perform('moveTask', claimed as unknown as EffectInput<'moveTask'>)
  await own.store.close()
}
