import type { Board } from '../board/board.ts'
import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect, EffectFailure } from '../durable/effect.ts'
import { knownFailure } from './known-failure.ts'
import { neverHappened } from './never-happened.ts'

/** Puts a follow-up task on the board once; its id says whose follow-up it is. */
export const addTaskEffect = (ports: {
  readonly board: Board
  readonly writer: string
  /** Wakes the lane whose work it is. */
  readonly ring: (lane: string) => void
}) =>
  defineEffect({
    name: 'addTask',
    ...EFFECT_IO.addTask,
    reconcile: neverHappened,
    perform: (context, { spec, state }) =>
      knownFailure(async () => {
        if (state !== 'Ready' && state !== 'Backlog') {
          throw new EffectFailure({ class: 'invalid_task', reason: `a new task cannot be ${state}` })
        }
        const by = { actor: 'lane', name: ports.writer, fence: context.fence } as const
        const added = await ports.board.add(spec, state, by)
        ports.ring(spec.kind)
        return added
      }),
  })
