import { mkdirSync, mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IncarnationId } from '../../contracts/ids.ts'
import { removeTree } from '../../platform/remove-tree.ts'
import { type RunOptions, type RunResult, runRegistered } from '../../platform/run-registered.ts'

/** Who answers for a program while it is looked at. */
export interface TrialOwner {
  readonly owner: IncarnationId
  readonly registrationsDir: string
}

/** A place to look at a program in: an empty HOME and an empty folder to work in. */
export interface TrialFolders {
  readonly home: string
  readonly workspace: string
  readonly tmp: string
}

/** Gives `work` folders of its own and removes them afterwards. */
export const inTrialFolders = async <T>(work: (folders: TrialFolders) => Promise<T>): Promise<T> => {
  // Programs compare paths of files with the folder they stand in, and that they resolve.
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'oc-supervise-trial-'))
  const folders = { home: join(root, 'home'), workspace: join(root, 'workspace'), tmp: join(root, 'tmp') }
  for (const folder of Object.values(folders)) mkdirSync(folder, { mode: 0o700 })
  try {
    return await work(folders)
  } finally {
    await removeTree(root)
  }
}

/** A program that writes more to one of its outputs is ended. */
export const MOST_OUTPUT_BYTES = 4 * 1024 * 1024

/** Runs a program in its folders with an environment of its own: the allow-list, the folders, and what `env` adds. */
export const runProgramIn = (
  folders: TrialFolders,
  { owner, registrationsDir }: TrialOwner,
  options: Pick<RunOptions, 'subject' | 'argv' | 'timeoutMs'> & Partial<Pick<RunOptions, 'env' | 'input'>>,
): Promise<RunResult> =>
  runRegistered({
    role: 'effect',
    owner,
    registrationsDir,
    cwd: folders.workspace,
    maxOutputBytes: MOST_OUTPUT_BYTES,
    ...options,
    env: { ...options.env, HOME: folders.home, TMPDIR: folders.tmp },
  })
