import type { Board } from '../../board/board.ts'
import type { TaskKind } from '../../contracts/lane-name.ts'
import type { BoardState, BoardTask } from '../../contracts/task.ts'

const PAGE = 500

/** Every card that fits, by priority and age, read page by page. */
export async function* allCards(
  board: Board,
  query: { readonly state?: BoardState; readonly kind?: TaskKind },
): AsyncGenerator<BoardTask> {
  for (let after: string | null = null; ; ) {
    const cards: BoardTask[] = await board.list({
      ...query,
      limit: PAGE,
      ...(after === null ? {} : { after }),
    })
    yield* cards
    after = cards.at(-1)?.spec.id ?? null
    if (cards.length < PAGE) return
  }
}
