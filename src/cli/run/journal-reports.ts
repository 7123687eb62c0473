import type { JournalPort } from '../../../supervisor/supervisor-api.ts'
import type { JsonValue } from '../../contracts/json.ts'
import type { Store } from '../../durable/store.ts'

/** Journals the supervisor's decisions behind its own log. */
export const journalReports = (store: Store): JournalPort => ({
  record: async (supervisor, report) => {
    await store.appendLaneEvent('supervisor', supervisor, report.context, report as unknown as JsonValue)
  },
})
