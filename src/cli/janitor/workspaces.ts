import { join } from 'node:path'
import { newId } from '../../platform/random.ts'
import { removeTree } from '../../platform/remove-tree.ts'
import { releaseWorkspace } from '../../workspace/release-workspace.ts'
import { bytesOf, type Chore, NOTHING_KEPT, namesIn, type Plan } from './chore.ts'
import type { Look } from './look.ts'

/** Workspaces that tasks left behind: saved, proved saved, and only then removed. What cannot be saved stays. */
export const planWorkspaces = ({ layout, ended, alive, clock }: Look): Plan => {
  const over = new Set<string>(ended.flatMap(({ attempts }) => attempts))
  const chores = namesIn(layout.workspaces).flatMap((name): Chore[] => {
    const attemptId = name.replace(/^\.(released|saving)-/, '')
    if (!over.has(attemptId) || alive === null || alive.has(attemptId)) return []
    const path = join(layout.workspaces, name)
    const act = async () => {
      try {
        // What saving needed meanwhile: copies, never the work itself.
        if (name.startsWith('.saving-')) await removeTree(path)
        else
          await releaseWorkspace({
            attemptId,
            nowMs: clock.wallMs(),
            workspacesDir: layout.workspaces,
            savedDir: layout.saved,
            effect: {
              subject: `janitor/${attemptId}`,
              owner: newId('inc'),
              registrationsDir: layout.registrations,
            },
          })
        return NOTHING_KEPT
      } catch (error) {
        return new Map([[name, `it cannot be proved saved: ${(error as Error).message}`]])
      }
    }
    const why = 'its task is over; it is saved first'
    return [{ kind: 'workspace', items: [{ subject: name, why, bytes: bytesOf(path) }], act }]
  })
  return { chores, kept: [] }
}
