import { z } from 'zod'
import type { Fence } from '../contracts/fence.ts'
import type { RecordRow, RecordStore } from '../contracts/store.ts'
import { sha256 } from '../platform/sha256.ts'
import type { PullComment } from './forge.ts'
import { ForgeFailure } from './forge-failure.ts'

const COMMENT = 'comment'
const PAGE = 200

const StoredComment = z.object({ on: z.string(), mark: z.string(), text: z.string(), atMs: z.number() })

/** Writes a comment under the one id its mark can have, so that there is never a duplicate to remove. */
export const commentOnPull = async (
  records: RecordStore,
  on: string,
  { mark, text }: Pick<PullComment, 'mark' | 'text'>,
  by: { readonly fence: Fence; readonly writer: string; readonly nowMs: number },
): Promise<{ posted: boolean }> => {
  const id = `${on}/${sha256(mark).slice(0, 20)}`
  const { fence, writer, nowMs } = by
  const written = await records.put({
    kind: COMMENT,
    id,
    queue: on,
    state: 'posted',
    rank: 0,
    createdMs: nowMs,
    value: { on, mark, text, atMs: nowMs },
    expectedVersion: 0,
    event: 'comment.posted',
    key: `${COMMENT}/${id}`,
    fence: { actor: fence.actor, token: fence.token },
    writer,
  })
  if (written.ok) return { posted: !written.repeated }
  if (written.reason === 'version') return { posted: false }
  await fence.check()
  throw new ForgeFailure('infra_tooling', `${on}: the store refused the fence of ${fence.actor}`)
}

/** Oldest first. */
export const readComments = async (records: RecordStore, on: string): Promise<PullComment[]> => {
  const comments: PullComment[] = []
  for (let after: RecordRow | undefined; ; ) {
    const page = { kind: COMMENT, queue: on, limit: PAGE, ...(after === undefined ? {} : { after }) }
    const rows = await records.list(page)
    for (const row of rows) {
      const { mark, text, atMs } = StoredComment.parse(row.value)
      comments.push({ mark, text, atMs })
    }
    after = rows.at(-1)
    if (after === undefined || rows.length < PAGE) return comments
  }
}
