import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IncarnationId } from '../../contracts/ids.ts'
import { type RunOptions, type RunResult, runRegistered } from '../../platform/run-registered.ts'

/** Who answers for a program while it is looked at. */
export interface TrialOwner {
  readonly owner: IncarnationId
  readonly registrationsDir: string
}

/** A place to look at a program in: an empty HOME and an empty folder to work in. */
export interface TrialRoom {
  readonly home: string
  readonly workspace: string
  readonly tmp: string
}

/** Gives `work` a room of its own and removes it afterwards. */
export const inTrialRoom = async <T>(work: (room: TrialRoom) => Promise<T>): Promise<T> => {
  const root = mkdtempSync(join(tmpdir(), 'oc-supervise-trial-'))
  const room = { home: join(root, 'home'), workspace: join(root, 'workspace'), tmp: join(root, 'tmp') }
  for (const folder of Object.values(room)) mkdirSync(folder, { mode: 0o700 })
  try {
    return await work(room)
  } finally {
    rmSync(root, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Runs a program in a room with an environment of its own: the allow-list, the room, and what `env` adds. */
export const runProgramIn = (
  room: TrialRoom,
  { owner, registrationsDir }: TrialOwner,
  options: Pick<RunOptions, 'subject' | 'argv' | 'timeoutMs'> & Partial<Pick<RunOptions, 'env' | 'input'>>,
): Promise<RunResult> =>
  runRegistered({
    role: 'effect',
    owner,
    registrationsDir,
    cwd: room.workspace,
    maxOutputBytes: 4 * 1024 * 1024,
    ...options,
    env: { ...options.env, HOME: room.home, TMPDIR: room.tmp },
  })
