import type { Board } from '../board/board.ts'
import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect } from '../durable/effect.ts'
import { knownFailure } from './known-failure.ts'
import { neverHappened } from './never-happened.ts'

/**
 * Moves a task on the board by compare-and-set; repeating it is the same move. A task that a person moved meanwhile
 * stays where they put it.
 */
export const moveTaskEffect = (ports: {
  readonly board: Board
  readonly writer: string
  /** Wakes a lane: the improve lane looks at what is Blocked. */
  readonly ring: (lane: string) => void
}) =>
  defineEffect({
    name: 'moveTask',
    ...EFFECT_IO.moveTask,
    reconcile: neverHappened,
    perform: (context, { taskId, from, to, phase, reason }) =>
      knownFailure(async () => {
        const result = await ports.board.move({
          taskId,
          from,
          to,
          phase,
          reason,
          key: context.effectId,
          by: { actor: 'lane', name: ports.writer, fence: context.fence },
          // The task's machine moves its card only between attempts: each is released before the next begins.
          attemptStopped: true,
        })
        if (to === 'Blocked') ports.ring('improve')
        return { moved: result.moved, state: result.task.state }
      }),
  })
