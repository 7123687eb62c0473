import { z } from 'zod'
import type { RecordRow, RecordStore } from '../contracts/store.ts'
import { sha256 } from '../platform/sha256.ts'
import type { ChangedBy, TaskComment } from './board.ts'
import { BoardFailure } from './board-failure.ts'

const COMMENT = 'comment'
const PAGE = 200

const StoredComment = z.object({
  on: z.string(),
  mark: z.string(),
  text: z.string(),
  by: z.string(),
  atMs: z.number(),
})

/** Writes a comment under the one id its mark can have, so that there is never a duplicate to remove. */
export const commentOnTask = async (
  store: RecordStore,
  on: string,
  { mark, text }: Pick<TaskComment, 'mark' | 'text'>,
  by: ChangedBy,
  nowMs: number,
): Promise<{ posted: boolean }> => {
  const id = `${on}/${sha256(mark).slice(0, 20)}`
  const written = await store.put({
    kind: COMMENT,
    id,
    queue: on,
    state: 'posted',
    rank: 0,
    createdMs: nowMs,
    value: { on, mark, text, by: by.name, atMs: nowMs },
    expectedVersion: 0,
    event: 'comment.posted',
    key: `${COMMENT}/${id}`,
    fence: by.fence === null ? null : { actor: by.fence.actor, token: by.fence.token },
    writer: by.name,
  })
  if (written.ok) return { posted: !written.repeated }
  if (written.reason === 'version') return { posted: false }
  await by.fence?.check()
  throw new BoardFailure('infra_tooling', `${on}: the store refused the fence of ${by.fence?.actor}`)
}

/** Oldest first. */
export const readTaskComments = async (store: RecordStore, on: string): Promise<TaskComment[]> => {
  const comments: TaskComment[] = []
  for (let after: RecordRow | undefined; ; ) {
    const page = { kind: COMMENT, queue: on, limit: PAGE, ...(after === undefined ? {} : { after }) }
    const rows = await store.list(page)
    for (const row of rows) {
      const { mark, text, by, atMs } = StoredComment.parse(row.value)
      comments.push({ mark, text, by, atMs })
    }
    after = rows.at(-1)
    if (after === undefined || rows.length < PAGE) return comments
  }
}
