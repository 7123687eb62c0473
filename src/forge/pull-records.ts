import type { Fence } from '../contracts/fence.ts'
import { PullId } from '../contracts/ids.ts'
import type { JsonValue } from '../contracts/json.ts'
import { Pull } from '../contracts/pull.ts'
import type { RecordRow, RecordStore } from '../contracts/store.ts'
import { sha256 } from '../platform/sha256.ts'
import { ForgeFailure } from './forge-failure.ts'

const PULL = 'pull'

/** The one id a head branch's pull request can have. */
export const pullIdOf = (repo: string, headBranch: string): PullId =>
  PullId.parse(`pull-${sha256(`${repo}\0${headBranch}`).slice(0, 20)}`)

export const readPullRecord = async (records: RecordStore, id: string): Promise<Pull | null> => {
  const row = await records.get(PULL, id)
  return row === null ? null : pullOf(row)
}

/** Ordered by age. */
export const listPullRecords = async (
  records: RecordStore,
  query: {
    readonly repo?: string
    readonly state?: Pull['state']
    readonly after?: string
    readonly limit: number
  },
): Promise<Pull[]> => {
  const after = query.after === undefined ? null : await records.get(PULL, query.after)
  const rows = await records.list({
    kind: PULL,
    limit: query.limit,
    ...(query.repo === undefined ? {} : { queue: query.repo }),
    ...(query.state === undefined ? {} : { state: query.state }),
    ...(after === null ? {} : { after }),
  })
  return rows.map(pullOf)
}

/**
 * Writes what `change` makes of the pull request as it is now, by compare-and-set and under the fence; null from
 * `change` writes nothing. Answers with the pull request afterwards.
 * @throws StaleOwnerError from the fence when the actor was taken over.
 */
export const changePull = async (
  records: RecordStore,
  id: PullId,
  change: (current: Pull | null) => { readonly pull: Pull; readonly event: string } | null,
  by: { readonly fence: Fence; readonly writer: string; readonly nowMs: number },
): Promise<Pull> => {
  for (let tries = 0; tries < 20; tries += 1) {
    const row = await records.get(PULL, id)
    const current = row === null ? null : pullOf(row)
    const changed = change(current)
    if (changed === null) {
      if (current !== null) return current
      throw new ForgeFailure('publish_failed', `${id}: there is no such pull request`)
    }
    const { pull, event } = changed
    const expectedVersion = row?.version ?? 0
    const written = await records.put({
      kind: PULL,
      id,
      queue: pull.repo,
      state: pull.state,
      rank: 0,
      createdMs: row?.createdMs ?? by.nowMs,
      value: pull as unknown as JsonValue,
      expectedVersion,
      event,
      key: `${id}/${expectedVersion + 1}/${event}/${by.fence.actor}/${by.fence.token}`,
      fence: { actor: by.fence.actor, token: by.fence.token },
      writer: by.writer,
    })
    if (written.ok) return pull
    if (written.reason === 'fence') {
      await by.fence.check()
      throw new ForgeFailure('infra_tooling', `${id}: the store refused the fence of ${by.fence.actor}`)
    }
  }
  throw new ForgeFailure('infra_tooling', `${id}: somebody else kept changing it; try again`)
}

const pullOf = (row: RecordRow): Pull => {
  const parsed = Pull.safeParse(row.value)
  if (parsed.success) return parsed.data
  throw new ForgeFailure('infra_tooling', `stored pull request ${row.id} is not one: ${parsed.error.message}`)
}
