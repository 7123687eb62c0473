import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { systemClock } from '../platform/clock.ts'
import { acquireLock } from '../platform/exclusive-lock.ts'
import { failPoint } from '../platform/fail-point.ts'
import { randomHex } from '../platform/random.ts'
import { removeTree } from '../platform/remove-tree.ts'
import { type EffectProcess, gitFailure, runGitEffect, withoutCredentials } from './git-effect.ts'
import { WorkspaceFailure } from './workspace-failure.ts'

/** How long one lane waits for another that clones or fetches the same repository. */
const LOCK_WAIT_MS = 10 * 60_000
/** git holds a ref's lock for milliseconds; one this old was left by a killed git. */
const STALE_LOCK_MS = 60_000
const REFSPECS = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*']

/**
 * Makes `mirror` a bare copy of `url`'s branches and tags as they are now. Nothing else is fetched, nothing is ever
 * collected (our own commits live there under refs/attempts/). Safe to repeat and to interrupt at any instant: a first
 * clone gets its name only when it is whole.
 * @throws WorkspaceFailure `infra_tooling` when the remote cannot be read, `timeout` when it or another lane takes too long.
 */
export const ensureMirror = async (input: {
  readonly url: string
  /** `mirrors/<repo>.git`. */
  readonly mirror: string
  readonly effect: EffectProcess
}): Promise<void> => {
  mkdirSync(dirname(input.mirror), { recursive: true, mode: 0o700 })
  const lock = await waitForLock(`${input.mirror}.lock`)
  try {
    if (existsSync(input.mirror)) await fetchInto(input)
    else await cloneNew(input)
  } finally {
    lock.release()
  }
}

const cloneNew = async ({ url, mirror, effect }: Parameters<typeof ensureMirror>[0]): Promise<void> => {
  await removeUnfinished(mirror)
  const fresh = `${mirror}.${randomHex(4)}.new`
  const result = await runGitEffect(
    ['clone', '--bare', '--no-local', '--quiet', '-c', 'gc.auto=0', '--', url, fresh],
    { effect },
  )
  if (result.exitCode !== 0) {
    throw gitFailure('infra_tooling', `${withoutCredentials(url)} cannot be cloned`, result)
  }
  failPoint('mirror.cloned')
  renameSync(fresh, mirror)
}

const fetchInto = async ({ url, mirror, effect }: Parameters<typeof ensureMirror>[0]): Promise<void> => {
  const args = [`--git-dir=${mirror}`, 'fetch', '--prune', '--quiet', '--no-write-fetch-head', '--', url]
  for (let tries = 1; ; tries += 1) {
    const result = await runGitEffect([...args, ...REFSPECS], { effect })
    if (result.exitCode === 0) return
    if (tries === 3 || !/\.lock': File exists/.test(result.stderr)) {
      throw gitFailure('infra_tooling', `${withoutCredentials(url)} cannot be fetched`, result)
    }
    removeStaleLocks(mirror)
    await systemClock.sleep(200)
  }
}

/** Clones that a crash left unfinished; nobody else is at it, because we hold the lock. */
const removeUnfinished = async (mirror: string): Promise<void> => {
  const prefix = `${basename(mirror)}.`
  for (const name of readdirSync(dirname(mirror))) {
    if (name.startsWith(prefix) && name.endsWith('.new')) await removeTree(join(dirname(mirror), name))
  }
}

const removeStaleLocks = (mirror: string): void => {
  const inRefs = readdirSync(join(mirror, 'refs'), { recursive: true, encoding: 'utf8' })
  for (const name of [...inRefs.map((ref) => join('refs', ref)), 'packed-refs.lock', 'HEAD.lock']) {
    const path = join(mirror, name)
    const found = name.endsWith('.lock') ? lstatSync(path, { throwIfNoEntry: false }) : undefined
    if (found?.isFile() && systemClock.wallMs() - found.mtimeMs > STALE_LOCK_MS) rmSync(path, { force: true })
  }
}

const waitForLock = async (path: string): Promise<{ release(): void }> => {
  const deadline = systemClock.monoMs() + LOCK_WAIT_MS
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 2, 250)) {
    const lock = acquireLock(path)
    if (lock !== null) return lock
    if (systemClock.monoMs() > deadline) {
      throw new WorkspaceFailure(
        'timeout',
        `${path} stayed locked for ${LOCK_WAIT_MS / 60_000} min; another lane is cloning or fetching`,
      )
    }
    await systemClock.sleep(pauseMs)
  }
}
