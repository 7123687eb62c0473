import type { ChildSpec } from '../src/contracts/child-spec.ts'
import type { ChildShell } from './child-shell.ts'
import type { Children } from './children.ts'
import { planReload } from './plan-reload.ts'
import { checkSpecs } from './spec-hash.ts'
import type { ReloadDiff } from './supervisor-api.ts'
import type { Tree } from './tree.ts'

/** What a reload has asked for and the children have not come round to yet. */
export interface Reloads {
  /**
   * Takes new specs over. Nobody but the children named in the answer is touched.
   * @throws Error naming the child whose spec is not valid; nothing has changed then.
   */
  apply(specs: readonly ChildSpec[]): ReloadDiff
  /** Restarts or removes those that are at an idle point now. */
  step(): void
  isRemoved(id: string): boolean
  /** Children that are to finish what they hold and end. */
  leaving(): string[]
}

/** Creates the book of reloads for children that were begun with `first`. */
export const createReloads = (tree: Tree, children: Children, first: readonly ChildSpec[]): Reloads => {
  let specs = first
  const leaving = new Set<string>()
  const changing = new Set<string>()

  const remove = (shell: ChildShell): void => {
    if (shell.state === 'stopping') return
    shell.end('stop', { force: false, reason: 'no longer in the manifest' })
    void shell.whenDown().then(() => {
      if (!leaving.delete(shell.id)) return
      children.remove(shell.id)
      tree.changed()
    })
  }

  return {
    apply: (wanted) => {
      const fresh = checkSpecs(wanted)
      const diff = planReload(specs, fresh)
      specs = fresh
      tree.report({
        context: 'reload',
        reason: 'new specs',
        decision: `${diff.added.length} added, ${diff.removed.length} removed, ${diff.changed.length} changed`,
        data: { added: [...diff.added], removed: [...diff.removed], changed: [...diff.changed] },
      })
      for (const id of diff.removed) leaving.add(id)
      for (const spec of fresh) {
        const shell = children.shells.get(spec.id)
        if (shell === undefined) children.add(tree, spec)
        else if (leaving.delete(spec.id) || diff.changed.includes(spec.id)) {
          shell.respec(spec)
          changing.add(spec.id)
        }
      }
      return diff
    },
    step: () => {
      for (const id of leaving) {
        const shell = children.shells.get(id)
        if (shell?.isIdle()) remove(shell)
      }
      for (const id of changing) {
        const shell = children.shells.get(id)
        const isDone = shell === undefined || shell.isCurrent
        if (!isDone && (shell.state === 'starting' || shell.state === 'stopping' || !shell.isIdle())) continue
        changing.delete(id)
        if (!isDone) shell.release('its spec has changed')
      }
    },
    isRemoved: (id) => leaving.has(id),
    leaving: () => [...leaving],
  }
}
