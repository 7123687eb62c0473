import type { SpendEntry, SpendStore } from '../../contracts/spend.ts'

const PAGE = 1000

/** Every entry of the ledger, in the order of their reservation. */
export const allSpend = async (store: Pick<SpendStore, 'listSpend'>): Promise<SpendEntry[]> => {
  const entries: SpendEntry[] = []
  for (;;) {
    const after = entries.at(-1)?.id
    const page = await store.listSpend({ limit: PAGE, ...(after === undefined ? {} : { after }) })
    entries.push(...page)
    if (page.length < PAGE) return entries
  }
}
