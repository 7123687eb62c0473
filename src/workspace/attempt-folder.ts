import { join } from 'node:path'

/** What lies where in one attempt's folder, `workspaces/<attempt>/`. Everything else found in it is somebody's work. */
export const attemptFolder = (workspacesDir: string, attemptId: string) => {
  const dir = join(workspacesDir, attemptId)
  return {
    dir,
    /** The agent's clone. */
    tree: join(dir, 'tree'),
    /** The clone's index as it was before any agent ran. */
    baseIndex: join(dir, 'base.index'),
    /** The clone's packed refs as they were before any agent ran: tags found there are not the agent's. */
    baseRefs: join(dir, 'base.refs'),
    /** Begins the names of the indexes we measure with; each time its own, made afresh from `baseIndex`. */
    index: join(dir, 'index'),
    /** The Workspace, written last: an agent may have run only where it exists. */
    ready: join(dir, 'ready.json'),
    checks: (number: number) => join(dir, `checks-${number}`),
    /** Where the folder goes once all of it is proved saved. */
    released: join(workspacesDir, `.released-${attemptId}`),
    /** What saving needs meanwhile: our own repositories around the agent's objects. */
    saving: join(workspacesDir, `.saving-${attemptId}`),
  }
}

/** True for names in an attempt's folder that are ours and hold no work. */
export const isOurs = (name: string): boolean =>
  /^(base\.index|base\.refs|index(\.[0-9a-f]{8})?|ready\.json)(\.lock)?$/.test(name) ||
  /^checks-\d+(\.ours)?$/.test(name)

/** The mirror's refs of one attempt: `work` is what we committed of it, `merge` a trial merge. */
export const attemptRef = (attemptId: string, name: 'work' | 'merge'): string =>
  `${attemptRefs(attemptId)}/${name}`

/** Where all refs of one attempt lie. */
export const attemptRefs = (attemptId: string): string => `refs/attempts/${attemptId}`
