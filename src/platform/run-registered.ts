import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from './clock.ts'
import { endProcess } from './end-process.ts'
import { newId } from './random.ts'
import { readTail } from './read-tail.ts'
import { forgetRegistration } from './registrations.ts'
import { SpawnError } from './spawn-error.ts'
import {
  type ExitStatus,
  type RegisteredProcess,
  type SpawnOptions,
  spawnRegistered,
} from './spawn-registered.ts'

export interface RunOptions extends Omit<SpawnOptions, 'stdinFile' | 'stdoutFile' | 'stderrFile'> {
  /** What it reads on standard input; absent: nothing. */
  input?: string
  timeoutMs: number
  /** Between TERM and KILL when it has to be ended; 2 000 unless given. */
  graceMs?: number
  /** A process that writes more to one of its outputs is ended; 64 MiB unless given. */
  maxOutputBytes?: number
  /** Asked every second: why it must be ended now, null where it may go on. */
  ceiling?: (leader: number, nowMs: number) => string | null
}

export interface RunResult extends ExitStatus {
  timedOut: boolean
  /** It wrote more than `maxOutputBytes` and was ended; what is returned is the beginning. */
  overflowed: boolean
  /** What its `ceiling` said when it was ended for that. */
  overstepped: string | null
  stdout: string
  stderr: string
}

/** How often a running process's output is measured. */
const MEASURE_EVERY_MS = 250

/**
 * Runs a registered process to its end and answers with its output; whatever it leaves running is ended too. Its
 * registration is removed once all of it is proved gone, and stays for recovery otherwise. A failing command is a
 * value, not an exception.
 * @throws SpawnError when it cannot be started; what `ceiling` throws, once it is ended.
 */
export const runRegistered = async (options: RunOptions): Promise<RunResult> => {
  const incarnation = options.incarnation ?? newId('inc')
  const dir = join(options.registrationsDir, incarnation)
  const [stdoutFile, stderrFile] = [join(dir, 'stdout'), join(dir, 'stderr')]
  const child = await startIn(dir, { ...options, incarnation, stdoutFile, stderrFile }, options.input)
  const maxBytes = options.maxOutputBytes ?? 64 * 1024 * 1024
  const isTooLong = (): boolean => [stdoutFile, stderrFile].some((file) => statSync(file).size > maxBytes)
  let overstepped: string | null = null
  const isOver = everySecond((nowMs) => {
    overstepped = options.ceiling?.(child.identity.pid, nowMs) ?? null
    return overstepped !== null
  })
  const end = (graceMs: number) =>
    endProcess({ identity: child.identity, mark: child.intent.mark }, { graceMs })
  const limit = () => (isTooLong() ? 'overflowed' : isOver())
  const ending = await endOrLimit(child, options.timeoutMs, limit).catch(async (error: unknown) => {
    // Where nobody can look at it any more (one that fills the process table), nobody else would end it.
    if ((await end(0)) === 'gone') forgetRegistration(child)
    throw error
  })
  const left = await end(ending === 'exited' ? 0 : (options.graceMs ?? 2_000))
  const status = await statusOf(child)
  const result = {
    ...status,
    timedOut: ending === 'timed_out',
    overflowed: ending === 'overflowed' || isTooLong(),
    overstepped,
    // No more is read: between two looks, and until it has ended, it may write a multiple.
    stdout: readTail(stdoutFile, maxBytes, maxBytes),
    stderr: readTail(stderrFile, maxBytes, maxBytes),
  }
  if (left === 'gone') forgetRegistration(child)
  return result
}

const CEILING_EVERY_MS = 1_000

const everySecond = (isOver: (nowMs: number) => boolean): (() => 'overstepped' | null) => {
  let lookedMs = Number.NEGATIVE_INFINITY
  return () => {
    const nowMs = systemClock.monoMs()
    if (nowMs - lookedMs < CEILING_EVERY_MS) return null
    lookedMs = nowMs
    return isOver(nowMs) ? 'overstepped' : null
  }
}

/** Starts it with its files in its registration's folder; what was written there goes if it cannot start. */
const startIn = async (
  dir: string,
  options: SpawnOptions,
  input: string | undefined,
): Promise<RegisteredProcess> => {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const stdinFile = input === undefined ? null : join(dir, 'stdin')
  if (stdinFile !== null) writeFileSync(stdinFile, input ?? '', { mode: 0o600 })
  try {
    return await spawnRegistered({ ...options, stdinFile })
  } catch (error) {
    if (error instanceof SpawnError) rmSync(dir, { recursive: true, force: true })
    throw error
  }
}

type Ending = 'exited' | 'timed_out' | 'overflowed' | 'overstepped'

/** Waits for the first of: its end, its time, a limit. The timer keeps our event loop alive meanwhile. */
const endOrLimit = async (
  child: RegisteredProcess,
  timeoutMs: number,
  limitReached: () => Ending | null,
): Promise<Ending> => {
  const ended = new AbortController()
  void child.exited.then(() => ended.abort())
  const deadlineMs = systemClock.monoMs() + timeoutMs
  for (;;) {
    await systemClock.sleep(
      Math.max(0, Math.min(MEASURE_EVERY_MS, deadlineMs - systemClock.monoMs())),
      ended.signal,
    )
    if (ended.signal.aborted) return 'exited'
    if (systemClock.monoMs() >= deadlineMs) return 'timed_out'
    const limit = limitReached()
    if (limit !== null) return limit
  }
}

/** Its exit status; all null where it survived even SIGKILL (a process stuck in the kernel). */
const statusOf = async (child: RegisteredProcess): Promise<ExitStatus> => {
  const collected = new AbortController()
  const tooLate = systemClock.sleep(1_000, collected.signal).then(() => ({ exitCode: null, signal: null }))
  const status = await Promise.race([child.exited, tooLate])
  collected.abort()
  return status
}
