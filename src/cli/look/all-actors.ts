import type { ActorRow } from '../../contracts/store.ts'
import type { Store } from '../../durable/store.ts'

const PAGE = 500

/** Every actor that fits, in the order of their ids, read page by page. */
export async function* allActors(
  store: Store,
  query: { readonly machine?: string; readonly status?: ActorRow['status'] },
): AsyncGenerator<ActorRow> {
  for (let after: string | null = null; ; ) {
    const rows: ActorRow[] = await store.listActors({
      ...query,
      limit: PAGE,
      ...(after === null ? {} : { after }),
    })
    yield* rows
    after = rows.at(-1)?.id ?? null
    if (rows.length < PAGE) return
  }
}
