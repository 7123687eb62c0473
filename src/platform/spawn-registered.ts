import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { IncarnationId } from '../contracts/ids.ts'
import type { ProcessIdentity } from '../contracts/process-identity.ts'
import type { ProcessIntent, ProcessRole } from '../contracts/registration.ts'
import { syncFolder, writeJsonAtomic } from './atomic-file.ts'
import { systemClock } from './clock.ts'
import { childEnvironment } from './environment.ts'
import { failPoint } from './fail-point.ts'
import { identityOf } from './process-identity.ts'
import { newId, randomHex } from './random.ts'
import { IDENTITY_FILE, INTENT_FILE, readIdentity } from './registrations.ts'
import { SpawnError } from './spawn-error.ts'

export interface SpawnOptions {
  role: ProcessRole
  /** Who it is: a child id, an attempt id, or an effect id. */
  subject: string
  /** The incarnation that starts it and answers for it. */
  owner: IncarnationId
  /** Where registrations live; one folder an incarnation. */
  registrationsDir: string
  incarnation?: IncarnationId
  argv: readonly string[]
  cwd: string
  /** Joined to the allow-list (environment.ts); nothing else is inherited. */
  env: Record<string, string>
  /** Null or absent: standard input is empty. */
  stdinFile?: string | null
  /** Opened for appending, as is `stderrFile`. Never a pipe: a child outlives its reader. */
  stdoutFile: string
  stderrFile: string
  /** Opened for reading as file descriptor 3. */
  secretFile?: string
}

export interface ExitStatus {
  /** 125: could not register itself; 126, 127: argv[0] not executable, not found. */
  exitCode: number | null
  signal: string | null
}

export interface RegisteredProcess {
  intent: ProcessIntent
  identity: ProcessIdentity
  /** The registration's folder. */
  dir: string
  /** Resolves when the process itself ends, whoever still holds its files. Does not keep our event loop alive. */
  exited: Promise<ExitStatus>
}

/**
 * Written without a single external command, so that the process is registered before its first instruction: it reads
 * its own line of /proc/PID/stat, writes it to the file named by $1 and becomes the rest of its arguments. Where there
 * is no /proc it writes its pid. A process that cannot register itself must not run.
 */
const REGISTER_AND_BECOME = `
{ read -r self </proc/$$/stat; } 2>/dev/null || self=$$
printf '%s\\n' "$self" >"$1" || exit 125
shift
exec "$@"
`

/** How long we wait for the process to write itself; the system's answer is used all the same after that. */
const REGISTERED_WITHIN_MS = 5_000

/**
 * Starts a detached process (own session and group) that can be found again whatever happens to us: its intent is
 * fsynced first, then it registers itself. A crash between the two leaves an intent with a null identity.
 * @throws SpawnError when the working folder or a stdio file is not there, or the system refuses to start a process.
 */
export const spawnRegistered = async (options: SpawnOptions): Promise<RegisteredProcess> => {
  const files = openFiles(options)
  try {
    const intent = intentOf(options)
    const dir = join(options.registrationsDir, intent.incarnation)
    if (existsSync(join(dir, INTENT_FILE))) {
      throw new SpawnError(
        `${nameOf(options)} cannot start: ${intent.incarnation} is taken; one life, one id`,
      )
    }
    writeIntent(dir, intent)
    failPoint(`spawn.${options.role}.intent_written`)
    const { pid, seen, exited } = await launch(options, intent, dir, files)
    failPoint(`spawn.${options.role}.started`)
    const identity = (await registered(dir, intent, exited)) ?? seen
    if (identity === null) {
      throw new Error(`${nameOf(options)}: runs as pid ${pid}, but the system does not show it; see ${dir}`)
    }
    return { intent, identity, dir, exited }
  } finally {
    for (const file of files) if (typeof file === 'number') closeSync(file)
  }
}

/** Opens stdio (and the secret as descriptor 3) and checks the working folder: a clear error, and nothing to undo. */
const openFiles = (options: SpawnOptions): (number | 'ignore')[] => {
  const files: (number | 'ignore')[] = []
  try {
    if (!statSync(options.cwd).isDirectory()) throw new Error(`ENOTDIR: not a folder, '${options.cwd}'`)
    files.push(options.stdinFile == null ? 'ignore' : openSync(options.stdinFile, 'r'))
    files.push(openSync(options.stdoutFile, 'a', 0o600))
    files.push(openSync(options.stderrFile, 'a', 0o600))
    if (options.secretFile !== undefined) files.push(openSync(options.secretFile, 'r'))
    return files
  } catch (error) {
    for (const file of files) if (typeof file === 'number') closeSync(file)
    throw new SpawnError(
      `${nameOf(options)} cannot start: ${(error as Error).message}; create its working folder and files first`,
      { cause: error },
    )
  }
}

const intentOf = (options: SpawnOptions): ProcessIntent => ({
  v: 1,
  incarnation: options.incarnation ?? newId('inc'),
  role: options.role,
  subject: options.subject,
  owner: options.owner,
  mark: randomHex(16),
  argv: [...options.argv],
  at: systemClock.now(),
})

const writeIntent = (dir: string, intent: ProcessIntent): void => {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  writeJsonAtomic(join(dir, INTENT_FILE), intent)
  syncFolder(dirname(dir))
}

/** Starts the process; where the system refuses, the registration is taken back. */
const launch = async (
  options: SpawnOptions,
  intent: ProcessIntent,
  dir: string,
  files: (number | 'ignore')[],
): Promise<{ pid: number; seen: ProcessIdentity | null; exited: Promise<ExitStatus> }> => {
  const argv = ['-c', REGISTER_AND_BECOME, 'sh', join(dir, IDENTITY_FILE), ...intent.argv]
  const env = {
    ...childEnvironment(options.env),
    OC_SUPERVISE_MARK: intent.mark,
    OC_SUPERVISE_INCARNATION: intent.incarnation,
  }
  try {
    const child = spawn('/bin/sh', argv, { cwd: options.cwd, env, stdio: files, detached: true })
    child.unref()
    if (child.pid === undefined) throw (await once(child, 'error'))[0]
    // Ours to reap, and not reaped before the event loop turns: the system shows it even if it has ended already.
    return { pid: child.pid, seen: identityOf(child.pid), exited: exitOf(child) }
  } catch (error) {
    rmSync(dir, { recursive: true, force: true })
    throw new SpawnError(`${nameOf(options)} cannot start: ${(error as Error).message}`, { cause: error })
  }
}

/** `exit`, not `close`: a grandchild that keeps stdio open must not keep us waiting. */
const exitOf = (child: ChildProcess): Promise<ExitStatus> =>
  new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }))
  })

/** Waits until the process has written itself, or has ended without. */
const registered = async (
  dir: string,
  intent: ProcessIntent,
  exited: Promise<ExitStatus>,
): Promise<ProcessIdentity | null> => {
  let running = true
  void exited.then(() => {
    running = false
  })
  const deadlineMs = systemClock.monoMs() + REGISTERED_WITHIN_MS
  for (;;) {
    const identity = readIdentity(dir, intent)
    if (identity !== null || !running || systemClock.monoMs() > deadlineMs) return identity
    await systemClock.sleep(1)
  }
}

const nameOf = (options: SpawnOptions): string => `${options.role} ${options.subject}`
