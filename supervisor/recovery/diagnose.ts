import { statfsSync } from 'node:fs'
import type { ProcessIdentity } from '../../src/contracts/process-identity.ts'
import { proveIdentity } from '../../src/platform/process-identity.ts'
import { readTail } from '../../src/platform/read-tail.ts'
import type { StateLayout } from '../../src/platform/state-layout.ts'
import type { HostLoad } from '../host-load.ts'
import { whereaboutsOf } from '../process-facts.ts'
import { classify } from './classify.ts'
import type { Diagnosis, Evidence } from './diagnosis.ts'
import { journalLockHolder } from './journal-lock.ts'

const LOG_TAIL_BYTES = 4_096

export interface DiagnoseInput {
  readonly child: string
  readonly fault: Evidence['fault']
  /** The process that is at fault, where it may still live. */
  readonly identity: ProcessIdentity | null
  readonly exitCode: number | null
  readonly signal: string | null
  readonly layout: StateLayout
  readonly load: HostLoad
}

/** Finds out what is wrong with a child. It only reads: nothing is changed, signalled or waited for. */
export const diagnose = (input: DiagnoseInput): Diagnosis => classify(gatherEvidence(input))

/** Reads everything a diagnosis rests on. */
export const gatherEvidence = (input: DiagnoseInput): Evidence => {
  const lives = input.identity !== null && isThere(input.identity)
  const seen =
    lives && input.identity !== null
      ? whereaboutsOf(input.identity.pid)
      : { state: null, wchan: null, stack: null, rssKiB: null }
  return {
    fault: input.fault,
    exitCode: input.exitCode,
    signal: input.signal,
    logTail: readTail(input.layout.log(input.child), LOG_TAIL_BYTES),
    state: seen.state,
    wchan: seen.wchan,
    stack: seen.stack,
    rssKiB: seen.rssKiB,
    loadPerCpu: input.load.loadPerCpu,
    loopBusy: input.load.loopBusy,
    hostOverloaded: input.load.overloaded,
    freeBytes: freeBytesAt(input.layout.root),
    journalHolder: journalLockHolder(input.layout.journal),
  }
}

const isThere = (identity: ProcessIdentity): boolean => {
  const { proof } = proveIdentity(identity)
  return proof === 'alive' || proof === 'halted'
}

const freeBytesAt = (path: string): number | null => {
  try {
    const disk = statfsSync(path)
    return disk.bavail * disk.bsize
  } catch {
    return null
  }
}
