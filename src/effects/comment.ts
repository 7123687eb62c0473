import type { Board } from '../board/board.ts'
import { EFFECT_IO } from '../contracts/effect-io.ts'
import { PullId } from '../contracts/ids.ts'
import { defineEffect } from '../durable/effect.ts'
import type { Forge } from '../forge/forge.ts'
import { knownFailure } from './known-failure.ts'
import { neverHappened } from './never-happened.ts'

export interface CommentPorts {
  readonly board: Board
  readonly forge: Forge
  readonly writer: string
  /** Takes secrets out of what leaves for people to read. */
  readonly redact: (text: string) => Promise<string>
}

/** Comments once on a task or a pull request: its mark is its identity there. */
export const commentEffect = ({ board, forge, writer, redact }: CommentPorts) =>
  defineEffect({
    name: 'comment',
    ...EFFECT_IO.comment,
    reconcile: neverHappened,
    perform: ({ fence }, { on, mark, text: said }) =>
      knownFailure(async () => {
        const text = await redact(said)
        return PullId.safeParse(on).success
          ? forge.comment(on, { mark, text }, fence)
          : board.comment(on, { mark, text }, { actor: 'lane', name: writer, fence })
      }),
  })
