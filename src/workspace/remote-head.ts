import { type EffectProcess, gitFailure, runGitEffect, withoutCredentials } from './git-effect.ts'

/**
 * Asks the remote itself where branches are. A branch that does not exist is absent from the answer.
 * @throws WorkspaceFailure `publish_failed` when the remote does not answer: no answer is never "no branch".
 */
export const remoteHeads = async (input: {
  readonly url: string
  readonly branches: readonly string[]
  readonly effect: EffectProcess
}): Promise<ReadonlyMap<string, string>> => {
  const wanted = input.branches.map((branch) => `refs/heads/${branch}`)
  const result = await runGitEffect(['ls-remote', '--quiet', '--', input.url, ...wanted], {
    effect: input.effect,
    timeoutMs: 60_000,
  })
  if (result.exitCode !== 0)
    throw gitFailure('publish_failed', `${withoutCredentials(input.url)} cannot be read`, result)
  // ls-remote matches by suffix, so only exact names count.
  const heads = new Map(
    result.stdout.split('\n').flatMap((line): [string, string][] => {
      const [sha = '', ref = ''] = line.split('\t')
      return wanted.includes(ref) ? [[ref.slice('refs/heads/'.length), sha]] : []
    }),
  )
  return heads
}
