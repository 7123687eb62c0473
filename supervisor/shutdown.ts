import type { Actor } from 'xstate'
import type { supervisorMachine } from '../machines/live/supervisor.machine.ts'
import type { ChildShell } from './child-shell.ts'
import { endLeftovers } from './end-leftovers.ts'
import type { ReportLog } from './report-log.ts'
import { stopTree } from './stop-tree.ts'
import type { StopReport } from './supervisor-api.ts'
import type { Tree } from './tree.ts'

/** How a supervisor comes to its end. */
export interface Shutdown {
  /** Something that must have settled before we are down: leftovers being ended. */
  waitFor(work: Promise<void>): void
  endAll(force: boolean): Promise<void>
  recordStop(): Promise<void>
  readonly stopped: Promise<StopReport>
}

export interface ShutdownPorts {
  readonly actor: Actor<typeof supervisorMachine>
  readonly shells: () => ChildShell[]
  readonly log: ReportLog
  readonly withinMs: number | null
  /** Whether we hold the lock: without it the log is somebody else's. */
  isHeld(): boolean
  /** Gives back everything that is held; the lock last. */
  release(): Promise<void>
}

/** How long the journal may take for what is left at a stop, in ms. */
const FLUSH_WITHIN_MS = 2_000

/** Creates the hands of a stop; nothing happens before the machine asks for it. */
export const createShutdown = (
  tree: Tree,
  { actor, shells, log, withinMs, isHeld, release }: ShutdownPorts,
): Shutdown => {
  const stopped = Promise.withResolvers<StopReport>()
  let pending: Promise<void> = Promise.resolve()
  let survivors: readonly string[] = []
  let killed = false

  return {
    waitFor: (work) => {
      pending = work
    },
    endAll: async (force) => {
      killed ||= force
      const { reason, keepAgents } = actor.getSnapshot().context
      const placeOf = ({ spec }: ChildShell) => tree.placeOf(spec)
      survivors = await stopTree(shells(), { clock: tree.clock, placeOf, force, reason, withinMs })
      await pending
      await endLeftovers(tree, { force, keepAgents })
      // A kill that overtook a stop has told it already.
      if (actor.getSnapshot().status === 'active') actor.send({ type: 'ALL_DOWN' })
    },
    recordStop: async () => {
      const { reason, keepAgents } = actor.getSnapshot().context
      const forced = shells().flatMap((shell) => (shell.wasForced ? [shell.id] : []))
      const report: StopReport = { at: tree.clock.now(), forced, survivors, killed, keepAgents }
      if (isHeld()) {
        log.report({
          context: 'supervisor_stopped',
          incarnation: tree.incarnation,
          reason,
          decision: killed ? 'killed' : 'stopped',
          data: { forced, survivors: [...survivors] },
        })
        await log.end(FLUSH_WITHIN_MS)
      }
      await release()
      stopped.resolve(report)
    },
    stopped: stopped.promise,
  }
}
