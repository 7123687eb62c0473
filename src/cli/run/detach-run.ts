import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { systemClock } from '../../platform/clock.ts'
import { ownProcessEnvironment } from '../../platform/environment.ts'
import { makeFolders } from '../../platform/make-folders.ts'
import { proveIdentity } from '../../platform/process-identity.ts'
import { newId } from '../../platform/random.ts'
import { spawnRegistered } from '../../platform/spawn-registered.ts'
import { stateLayout } from '../../platform/state-layout.ts'
import { readManifest } from '../compose/read-manifest.ts'
import type { Answer } from '../print/print-answer.ts'
import { RefusedError } from '../report-error.ts'
import { secretEnvironment } from './secret-environment.ts'

/** How long a tree may take until it has written its status. */
const UP_WITHIN_MS = 30_000

/**
 * `run --detach`: starts the same command in the background, and returns once its status is on disk.
 * @throws RefusedError with the last lines of its log when it ended before that.
 */
export const detachRun = async (path: string, argv: readonly string[]): Promise<Answer> => {
  const { manifest } = readManifest(path)
  const layout = stateLayout(manifest.stateDir)
  makeFolders(layout.logs, 0o700)
  makeFolders(layout.registrations, 0o700)
  const log = layout.log('supervisor')
  const before = writtenAt(layout.status)
  const child = await spawnRegistered({
    role: 'supervisor',
    subject: manifest.name,
    owner: newId('inc'),
    registrationsDir: layout.registrations,
    // The last --manifest counts: the child does not see the variable that may have named ours.
    argv: [
      process.execPath,
      ...argv.slice(1).filter((each) => each !== '--detach' && each !== '--json'),
      '--manifest',
      resolve(path),
    ],
    cwd: process.cwd(),
    env: ownProcessEnvironment({
      HOME: process.env.HOME ?? dirname(layout.root),
      ...secretEnvironment(manifest),
    }),
    stdoutFile: log,
    stderrFile: log,
  })
  const deadlineMs = systemClock.monoMs() + UP_WITHIN_MS
  while (writtenAt(layout.status) === before) {
    if (proveIdentity(child.identity).proof !== 'alive' || systemClock.monoMs() > deadlineMs) {
      const said = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').slice(-3).join('\n') : ''
      throw new RefusedError('not_started', `the tree did not come up; ${log} ends with:\n${said}`)
    }
    await systemClock.sleep(50)
  }
  const { pid } = child.identity
  return {
    json: { ok: true, name: manifest.name, pid, stateDir: layout.root, log },
    text: `${manifest.name} runs as pid ${pid}, log ${log}\nstop it with: oc-supervise stop --state-dir ${layout.root}`,
  }
}

const writtenAt = (path: string): number => (existsSync(path) ? statSync(path).mtimeMs : 0)
