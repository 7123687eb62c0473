import type { Fence } from '../contracts/fence.ts'
import { failPoint } from '../platform/fail-point.ts'
import { type EffectProcess, gitFailure, runGitEffect, withoutCredentials } from './git-effect.ts'
import { remoteHeads } from './remote-head.ts'
import { WorkspaceFailure } from './workspace-failure.ts'

export interface PushInput {
  readonly mirror: string
  readonly url: string
  readonly branch: string
  readonly sha: string
  /** Where the branch must be; null: it must not exist. */
  readonly expected: string | null
  readonly effect: EffectProcess
}

/**
 * Pushes one commit to one branch of the remote, only from where we believe it to be: a stale owner's push loses.
 * A branch that is already at `sha` is a success, so repeating is safe.
 * @throws StaleOwnerError from the fence; WorkspaceFailure `publish_failed` when the branch is elsewhere or the remote refuses.
 */
export const pushBranch = async (input: PushInput & { readonly fence: Fence }): Promise<void> => {
  const { mirror, url, branch, sha, expected, effect, fence } = input
  const ref = `refs/heads/${branch}`
  await fence.check()
  failPoint('push.before')
  const lease = `--force-with-lease=${ref}:${expected ?? ''}`
  const result = await runGitEffect(
    [`--git-dir=${mirror}`, 'push', '--quiet', '--porcelain', lease, '--', url, `${sha}:${ref}`],
    { effect },
  )
  failPoint('push.after')
  if (result.exitCode === 0) return
  const actual = (await remoteHeads({ url, branches: [branch], effect })).get(branch) ?? null
  if (actual === sha) return
  if (actual !== expected) {
    throw new WorkspaceFailure(
      'publish_failed',
      `${branch} is at ${actual ?? 'nothing'}, expected ${expected ?? 'nothing'}; somebody else moved it, so nothing was pushed`,
    )
  }
  const stderr = `${result.stdout}\n${result.stderr}`
  throw gitFailure('publish_failed', `push of ${branch} to ${withoutCredentials(url)}`, { ...result, stderr })
}

/** Whether an interrupted push happened, by what the remote says now. */
export const reconcilePush = async (
  input: Pick<PushInput, 'url' | 'branch' | 'sha' | 'effect'>,
): Promise<boolean> => {
  const heads = await remoteHeads({ url: input.url, branches: [input.branch], effect: input.effect })
  return heads.get(input.branch) === input.sha
}
