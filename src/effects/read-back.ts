import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect, EffectFailure } from '../durable/effect.ts'
import type { ForgeOf } from './forge-port.ts'
import { knownFailure } from './known-failure.ts'
import { neverHappened } from './never-happened.ts'

/** Reads branch and pull request back from the forge; fails unless both show what we published. */
export const readBackEffect = (ports: { readonly forgeOf: ForgeOf }) =>
  defineEffect({
    name: 'readBack',
    ...EFFECT_IO.readBack,
    reconcile: neverHappened,
    perform: (context, { repo, branch, sha, pullId }) =>
      knownFailure(async () => {
        const { pull, headSha, baseSha } = await ports.forgeOf(repo, context.effectId).readPull(pullId)
        if (pull.headBranch === branch && headSha === sha && pull.state !== 'closed') {
          return { remoteSha: headSha, baseSha }
        }
        throw new EffectFailure({
          class: 'publish_failed',
          reason: `${pullId} (${pull.state}) shows ${pull.headBranch} at ${headSha}, but we published ${branch} at ${sha}`,
        })
      }),
  })
