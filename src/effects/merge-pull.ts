import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect } from '../durable/effect.ts'
import type { ForgeOf } from './forge-port.ts'
import { knownFailure } from './known-failure.ts'

/** Merges by compare-and-set on head and base; an interrupted merge is recognised by its commit. */
export const mergePullEffect = (ports: { readonly forgeOf: ForgeOf }) =>
  defineEffect({
    name: 'mergePull',
    ...EFFECT_IO.mergePull,
    perform: (context, input) =>
      knownFailure(() => ports.forgeOf(input.repo, context.effectId).merge(input, context.fence)),
    reconcile: (context, input) =>
      knownFailure(async () => {
        const merged = await ports.forgeOf(input.repo, context.effectId).reconcileMerge(input, context.fence)
        return merged === null ? { happened: false } : { happened: true, output: merged }
      }),
  })
