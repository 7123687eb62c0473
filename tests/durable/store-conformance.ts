import { describe } from 'vitest'
import { describeCommits } from './conformance/describe-commits.ts'
import { describeInbox } from './conformance/describe-inbox.ts'
import { describeLeases } from './conformance/describe-leases.ts'
import { describeLedger } from './conformance/describe-ledger.ts'
import { describeRecords } from './conformance/describe-records.ts'
import { describeStreams } from './conformance/describe-streams.ts'
import { describeTimers } from './conformance/describe-timers.ts'
import { type OpenStore, storeGiven } from './conformance/store-given.ts'

/** What every store must do. `racer` is a program that claims and releases the actor `raced` of a journal. */
export const describeStore = (name: string, open: OpenStore, racer: string): void => {
  describe(name, () => {
    const given = storeGiven(open, racer)
    describeLeases(given)
    describeCommits(given)
    describeInbox(given)
    describeTimers(given)
    describeRecords(given)
    describeLedger(given)
    describeStreams(given)
  })
}
