/** Scans one change in a thread of its own (see scan-within-limits.ts). */
import { parentPort, workerData } from 'node:worker_threads'
import type { KnownSecret } from './known-secrets.ts'
import { type ScannedChange, scanChange } from './scan-change.ts'

const { change, secrets, maySeem } = workerData as {
  readonly change: ScannedChange
  readonly secrets: readonly KnownSecret[]
  readonly maySeem: ReadonlySet<string>
}
parentPort?.postMessage(await scanChange(change, secrets, (path) => maySeem.has(path)))
