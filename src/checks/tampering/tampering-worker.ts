/** Judges one change in a thread of its own (see judge-within-limits.ts). */
import { parentPort, workerData } from 'node:worker_threads'
import type { ChangedText } from './changed-source.ts'
import { findTampering } from './find-tampering.ts'

const { changed, checks } = workerData as {
  readonly changed: readonly ChangedText[]
  readonly checks: readonly string[]
}
parentPort?.postMessage(findTampering(changed, checks))
