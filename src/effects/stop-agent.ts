import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect } from '../durable/effect.ts'
import type { KeeperPort } from './keeper-port.ts'
import { neverHappened } from './never-happened.ts'

/** Ends the agent of an attempt through its keeper and proves both gone; nothing to do where none was started. */
export const stopAgentEffect = (ports: { readonly keepers: KeeperPort }) =>
  defineEffect({
    name: 'stopAgent',
    ...EFFECT_IO.stopAgent,
    reconcile: neverHappened,
    perform: async (_context, { attemptId }) => ({
      stopped: await ports.keepers.stop(attemptId, 'requested'),
    }),
  })
