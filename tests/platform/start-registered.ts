import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { scanProcesses } from '../../src/platform/process-family.ts'
import { newId } from '../../src/platform/random.ts'
import {
  type RegisteredProcess,
  type SpawnOptions,
  spawnRegistered,
} from '../../src/platform/spawn-registered.ts'

const started: RegisteredProcess[] = []

/** Starts a registered process in `dir` with workable defaults; what is left of it is killed after the test. */
export const startRegistered = async (
  dir: string,
  argv: readonly string[],
  extra: Partial<SpawnOptions> = {},
): Promise<RegisteredProcess> => {
  mkdirSync(join(dir, 'registrations'), { recursive: true })
  const child = await spawnRegistered({
    role: 'effect',
    subject: 'test',
    owner: newId('inc'),
    registrationsDir: join(dir, 'registrations'),
    argv,
    cwd: dir,
    env: {},
    stdoutFile: join(dir, 'stdout'),
    stderrFile: join(dir, 'stderr'),
    ...extra,
  })
  started.push(child)
  return child
}

/** The same for one line of shell. */
export const startShell = (dir: string, script: string, extra: Partial<SpawnOptions> = {}) =>
  startRegistered(dir, ['sh', '-c', script], extra)

afterEach(() => {
  const marks = new Set(started.splice(0).map((child) => child.intent.mark))
  if (marks.size === 0) return
  const { entries, marksOf } = scanProcesses()
  for (const [pid, mark] of marksOf(entries)) {
    if (!marks.has(mark)) continue
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Gone in the meantime.
    }
  }
})
