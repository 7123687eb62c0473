import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect } from '../durable/effect.ts'
import type { pushBranch, reconcilePush } from '../workspace/push.ts'
import { knownFailure } from './known-failure.ts'
import { effectProcess, type RepositoryPort } from './repository-port.ts'

export interface PublishBranchPorts extends RepositoryPort {
  readonly pushBranch: typeof pushBranch
  readonly reconcilePush: typeof reconcilePush
}

/** Pushes one commit by compare-and-set; a branch that is already there is a success. */
export const publishBranchEffect = (ports: PublishBranchPorts) =>
  defineEffect({
    name: 'publishBranch',
    ...EFFECT_IO.publishBranch,
    perform: (context, input) =>
      knownFailure(async () => {
        const { branch, sha, expected } = input
        const { key, url } = ports.repo(input.repo)
        const effect = effectProcess(ports, context.effectId)
        await ports.pushBranch({
          mirror: ports.layout.mirror(key),
          url,
          branch,
          sha,
          expected,
          effect,
          fence: context.fence,
        })
        return { branch, sha }
      }),
    reconcile: (context, { repo, branch, sha }) =>
      knownFailure(async () => {
        const effect = effectProcess(ports, context.effectId)
        const happened = await ports.reconcilePush({ url: ports.repo(repo).url, branch, sha, effect })
        return happened ? { happened, output: { branch, sha } } : { happened }
      }),
  })
