import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect } from '../durable/effect.ts'
import type { CheckCommit } from './check-commit.ts'
import { knownFailure } from './known-failure.ts'
import { neverHappened } from './never-happened.ts'

/** Runs the repository's checks on the committed head; what a crash interrupted is run again. */
export const runChecksEffect = (ports: { readonly checkCommit: CheckCommit }) =>
  defineEffect({
    name: 'runChecks',
    ...EFFECT_IO.runChecks,
    reconcile: neverHappened,
    perform: (context, input) =>
      knownFailure(() => ports.checkCommit({ ...input, purpose: 'head', effectId: context.effectId })),
  })
