import { readLockOwner } from '../../../supervisor/supervisor-lock.ts'
import { LANES, type LaneName } from '../../contracts/lane-name.ts'
import { type ChildRecord, StatusFile } from '../../contracts/status.ts'
import { readJsonFile } from '../../platform/atomic-file.ts'
import { proveIdentity } from '../../platform/process-identity.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { currentManifest } from '../compose/stored-manifest.ts'
import { RefusedError } from '../report-error.ts'

/** Whether somebody is there to take up what was put into a queue. */
export interface Consumer {
  readonly consumer: 'supervisor' | 'supervisor_unproven' | 'lane' | 'next_run' | 'lane_off'
  /** One sentence. */
  readonly message: string
}

/**
 * Looks for a supervisor and proves it: what is recorded beside the lock counts only if its process is there now. Where
 * the queue is a lane's, that lane must be on as well.
 */
export const whoConsumes = (layout: StateLayout, queue: string): Consumer => {
  const owner = readLockOwner(layout)
  const proof = owner === null ? { proof: 'gone' as const } : proveIdentity(owner.identity)
  const pid = owner?.identity.pid
  const isGone =
    proof.proof === 'gone' || (proof.proof === 'halted' && (proof.state === 'Z' || proof.state === 'X'))
  if (isLaneOff(layout, queue, !isGone)) {
    const message = `lane ${queue} is off: nobody takes it up until the manifest has the lane again`
    return { consumer: 'lane_off', message }
  }
  if (proof.proof === 'alive') {
    return { consumer: 'supervisor', message: `the supervisor (pid ${pid}) takes it up now` }
  }
  if (isGone) return withoutSupervisor(layout, queue)
  const why = proof.proof === 'halted' ? 'is stopped' : `cannot be proved alive (${proof.reason})`
  return {
    consumer: 'supervisor_unproven',
    message: `the supervisor (pid ${pid}) ${why}; it takes it up when it goes on, or the next \`oc-supervise run\` does`,
  }
}

/** A lane that outlived its supervisor goes on with what it holds, and claims nothing. */
const withoutSupervisor = (layout: StateLayout, queue: string): Consumer => {
  const lane = childOf(layout, queue)?.identity ?? null
  if (lane === null || proveIdentity(lane).proof !== 'alive') {
    return { consumer: 'next_run', message: 'nothing runs here now; the next `oc-supervise run` takes it up' }
  }
  const alone = `lane ${queue} (pid ${lane.pid}) has outlived its supervisor and goes on with what it holds`
  return { consumer: 'lane', message: `${alone}; the next \`oc-supervise run\` takes up the rest` }
}

const childOf = ({ status }: StateLayout, id: string): ChildRecord | undefined => {
  const read = readJsonFile(status, StatusFile)
  return read.ok ? read.value.children.find((child) => child.id === id) : undefined
}

/** A lane that left the manifest goes on under its supervisor until it holds nothing. */
const isLaneOff = (layout: StateLayout, queue: string, mayDrain: boolean): boolean => {
  const lane = LANES.find((name) => name === queue)
  if (lane === undefined || isInForce(layout, lane)) return false
  return !mayDrain || childOf(layout, lane) === undefined
}

/** True too where nobody knows: before the first run, and where the stored manifest cannot be read. */
const isInForce = (layout: StateLayout, lane: LaneName): boolean => {
  try {
    return currentManifest(layout).lanes[lane] !== undefined
  } catch (error) {
    if (error instanceof RefusedError) return true
    throw error
  }
}
