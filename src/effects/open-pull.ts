import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect } from '../durable/effect.ts'
import type { ForgeOf } from './forge-port.ts'
import { knownFailure } from './known-failure.ts'

/** Opens the pull request of a head branch, or finds the one there is. It carries the hash of the journal's latest anchor, by which a journal that was rolled back is found. */
export const openPullEffect = (ports: {
  readonly forgeOf: ForgeOf
  /** Takes secrets out of what leaves for people to read. */
  readonly redact: (text: string) => Promise<string>
  /** The latest anchor of the journal; null before the first. */
  readonly anchorHash: () => Promise<string | null>
}) =>
  defineEffect({
    name: 'openPull',
    ...EFFECT_IO.openPull,
    perform: (context, input) =>
      knownFailure(async () => {
        const [title, text, anchor] = await Promise.all([
          ports.redact(input.title),
          ports.redact(input.body),
          ports.anchorHash(),
        ])
        const body = anchor === null ? text : `${text}Journal anchor ${anchor}\n`
        return ports.forgeOf(input.repo, context.effectId).openPull({ ...input, title, body }, context.fence)
      }),
    reconcile: (context, input) =>
      knownFailure(async () => {
        const pull = await ports.forgeOf(input.repo, context.effectId).findPull(input.repo, input.headBranch)
        return pull === null || pull.state === 'closed'
          ? { happened: false }
          : { happened: true, output: pull }
      }),
  })
