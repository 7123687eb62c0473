import { z } from 'zod'
import { duration } from './scalars.ts'

const TEN_YEARS_MS = 3_650 * 86_400_000

const age = () => duration({ minMs: 0, maxMs: TEN_YEARS_MS })

/** How long `oc-supervise janitor` leaves things alone, counted from the end of their task. Nothing else deletes by age. */
export const Retention = z
  .strictObject({
    runs: age()
      .default('180d')
      .describe('`janitor` drops evidence and keeper files of a task that ended longer ago than this.'),
    journal: age()
      .default('365d')
      .describe(
        '`janitor` moves the history of a task that ended longer ago than this into `archive/`, once it has no evidence.',
      ),
    saved: age()
      .default('90d')
      .describe('`janitor` drops what was saved of a task that ended longer ago than this.'),
    logs: age()
      .default('30d')
      .describe(
        '`janitor` drops rotated logs, what setup said, and logs of children that are gone, after this.',
      ),
  })
  .prefault({})
