import { createStatusWriter } from '../../../supervisor/status/write-status.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import type { Attention, Terminal } from '../../contracts/status.ts'
import { composeStatus } from './compose-status.ts'
import { countTasks } from './count-tasks.ts'
import type { OpenTree } from './open-tree.ts'
import { readMoneyAttention } from './read-money-attention.ts'
import { type Progress, readProgress } from './read-progress.ts'

/** What a running tree knows of itself, read from the journal and kept in status.json. */
export interface TreeView {
  progress(): Progress
  /** Whether what was read still holds: nothing was unfinished, nobody has written to the journal since, and it is not old. */
  holds(): boolean
  /** Reads everything anew and has the status written soon. */
  refresh(): Promise<void>
  /** Something of the tree changed; what was read still holds. */
  changed(): void
  /** Writes the last status: how it ended. */
  close(terminal: Terminal): Promise<void>
}

/** How long what was read of an unchanged journal holds, in ms: some of it is a matter of time. */
const HOLDS_MS = 10_000

/** Creates the view and writes the first status. */
export const createTreeView = async (
  tree: OpenTree,
  ports: { readonly manifest: () => CompiledManifest; readonly notes: () => readonly Attention[] },
): Promise<TreeView> => {
  const { board, supervisor, clock, layout, journalVersion } = tree
  // Asked before reading: what is written meanwhile is read the next time.
  let known = { version: journalVersion(), atMs: clock.monoMs() }
  const readTree = (): Promise<Progress> =>
    readProgress({
      ...tree,
      lanes: Object.keys(ports.manifest().lanes),
      running: supervisor.records().flatMap(({ id, role }) => (role === 'lane' ? [id] : [])),
    })
  let progress = await readTree()
  let counts = await countTasks(board)
  let money = await readMoneyAttention(tree)
  let ended: Terminal | null = null
  const read = async (): Promise<void> => {
    known = { version: journalVersion(), atMs: clock.monoMs() }
    progress = await readTree()
    counts = await countTasks(board)
    money = await readMoneyAttention(tree)
  }
  const status = createStatusWriter(layout.status, clock, () =>
    composeStatus({
      manifest: ports.manifest(),
      supervisor,
      clock,
      layout,
      progress,
      counts,
      terminal: ended,
      notes: [...ports.notes(), ...money],
    }),
  )
  return {
    progress: () => progress,
    // The keeper of an unfinished task comes and goes without a word in the journal.
    holds: () =>
      progress.actors.length === 0 &&
      journalVersion() === known.version &&
      clock.monoMs() - known.atMs < HOLDS_MS,
    refresh: async () => {
      await read()
      status.changed()
    },
    changed: status.changed,
    close: async (terminal) => {
      await read()
      ended = terminal
      status.close()
    },
  }
}
