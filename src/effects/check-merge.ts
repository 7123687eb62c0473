import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect } from '../durable/effect.ts'
import type { ensureMirror } from '../workspace/ensure-mirror.ts'
import type { trialMerge } from '../workspace/trial-merge.ts'
import type { CheckCommit } from './check-commit.ts'
import { knownFailure } from './known-failure.ts'
import { neverHappened } from './never-happened.ts'
import { effectProcess, type RepositoryPort } from './repository-port.ts'

export interface CheckMergePorts extends RepositoryPort {
  readonly ensureMirror: typeof ensureMirror
  readonly trialMerge: typeof trialMerge
  readonly checkCommit: CheckCommit
}

/** Merges head into a moved base in our mirror only, and runs the checks on the result. */
export const checkMergeEffect = (ports: CheckMergePorts) =>
  defineEffect({
    name: 'checkMerge',
    ...EFFECT_IO.checkMerge,
    reconcile: neverHappened,
    perform: (context, input) =>
      knownFailure(async () => {
        const repo = ports.repo(input.repo)
        const mirror = ports.layout.mirror(repo.key)
        const { attemptId, headSha, baseSha, nowMs, restore } = input
        await ports.ensureMirror({ url: repo.url, mirror, effect: effectProcess(ports, context.effectId) })
        const merged = await ports.trialMerge({ attemptId, mirror, headSha, baseSha, nowMs })
        if (merged.result === 'conflict') return merged
        const report = await ports.checkCommit({
          attemptId,
          repo: repo.key,
          sha: merged.sha,
          purpose: 'merge_result',
          restore: restore.length === 0 ? null : { baseSha, paths: restore },
          effectId: context.effectId,
        })
        return { result: 'clean' as const, report, patchId: merged.patchId }
      }),
  })
