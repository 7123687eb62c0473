import type { StopReport } from '../../../supervisor/supervisor-api.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import type { BoardTask } from '../../contracts/task.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import type { RunTally } from './decide-idle.ts'
import type { IdleEnd } from './idle-watch.ts'

/** Whom a run tells what happens: a terminal, a file, or a program that reads JSON. */
export interface RunReporter {
  started(facts: {
    readonly manifest: CompiledManifest
    readonly layout: StateLayout
    readonly imported: number
    /** What was on the board before the import, in words; null on an empty one. */
    readonly found: string | null
    readonly pid: number
  }): void
  task(now: BoardTask, before: BoardTask | null): void
  note(text: string): void
  idle(end: IdleEnd): void
  ended(facts: {
    readonly exit: number
    readonly tally: RunTally
    readonly tasks: readonly BoardTask[]
    readonly report: StopReport
    readonly layout: StateLayout
  }): void
}
