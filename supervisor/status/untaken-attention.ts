import type { Attention } from '../../src/contracts/status.ts'
import { readUntaken } from '../../src/durable/sqlite/read-untaken.ts'
import { describeUntaken } from './describe-untaken.ts'

/**
 * What wants a person, as a supervisor that is gone recorded it, with what somebody has done about it since in its place: a
 * decision, an answer or a retry that was left while nothing runs waits for a run, and asks for nothing else. Where the
 * journal does not answer, the record stands.
 */
export const untakenAttention = (dir: string, recorded: readonly Attention[]): readonly Attention[] => {
  const left = readUntaken(`${dir}/journal.db`)
  return recorded.map((item) => {
    const event = left.get(item.subject)
    if (event === undefined) return item
    const reason = `${describeUntaken(event)}; waits for a run to take it up`
    return { ...item, reason, action: 'oc-supervise run' }
  })
}
