import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { z } from 'zod'
import { ChildSpec, GroupSpec } from '../../src/contracts/child-spec.ts'
import type { ChildRecord } from '../../src/contracts/status.ts'
import { DeathRecord, SupervisorReport } from '../../src/contracts/supervisor-report.ts'
import { proveIdentity } from '../../src/platform/process-identity.ts'
import { type StateLayout, stateLayout } from '../../src/platform/state-layout.ts'
import { createSupervisor } from '../../supervisor/supervisor.ts'
import type { Supervisor, SupervisorOptions } from '../../supervisor/supervisor-api.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'

/** Where the fixture programs lie. */
export const fixture = (name: string): string =>
  join(import.meta.dirname, '..', 'fixtures', 'children', `${name}.ts`)

/** A shell command as a child that needs no Node start. */
export const sh = (script: string, ...args: string[]): string[] => ['/bin/sh', '-c', script, 'child', ...args]

/** Lives until it is signalled, in one process. */
export const FOREVER = ['/bin/sleep', '100000']

/** A spec with quick times: no test waits for a default. */
export const spec = (
  id: string,
  argv: readonly string[],
  more: Partial<z.input<typeof ChildSpec>> = {},
): ChildSpec =>
  ChildSpec.parse({
    id,
    start: { argv: [...argv], cwd: '/tmp' },
    stop: { graceMs: 1_000 },
    backoff: { minMs: 20, maxMs: 100, steps: 3, resetAfterMs: 60_000 },
    heartbeat: { everyMs: 50, staleAfterMs: 400 },
    probe: { everyMs: 100, answerWithinMs: 100, misses: 2 },
    ...more,
  })

/** A child with the real work loop, which does what it finds in the file `orders` (tests/fixtures/children/hang.ts). */
export const lane = (
  orders: string,
  { id = 'lane', everyMs = 50, graceMs = 1_000 }: { id?: string; everyMs?: number; graceMs?: number } = {},
): ChildSpec =>
  spec(id, ['node', fixture('hang'), orders, String(everyMs)], {
    liveness: 'nonce',
    ready: { by: 'nonce', withinMs: 15_000 },
    stop: { graceMs },
  })

export const group = (id: string, more: Partial<z.input<typeof GroupSpec>> = {}): GroupSpec =>
  GroupSpec.parse({ id, ...more })

/** A host that is never overloaded, whatever else this machine does. */
export const CALM = { read: () => ({ loadPerCpu: 0, loopBusy: 0, overloaded: false }) }

export interface TestSupervisor extends Supervisor {
  readonly layout: StateLayout
  record(id: string): ChildRecord
  /** Waits until a child is in a state; answers with its record. */
  reach(id: string, state: ChildRecord['state'], timeoutMs?: number): Promise<ChildRecord>
  /** Waits until a child is ready as another process than `before`. */
  replaced(before: ChildRecord, timeoutMs?: number): Promise<ChildRecord>
  reports(): SupervisorReport[]
  deaths(): DeathRecord[]
}

const running: Supervisor[] = []

/** A supervisor in this process over a fresh state folder; what it started is ended after the test. */
export const testSupervisor = (
  options: Omit<SupervisorOptions, 'layout'> & { layout?: StateLayout },
): TestSupervisor => {
  const layout = options.layout ?? stateLayout(join(makeTempDir('supervisor'), 'state'))
  const supervisor = createSupervisor({ host: CALM, jitter: () => 1, tickMs: 250, ...options, layout })
  running.push(supervisor)
  const record = (id: string): ChildRecord => {
    const found = supervisor.records().find((one) => one.id === id)
    if (found === undefined) throw new Error(`no record of ${id}`)
    return found
  }
  return {
    ...supervisor,
    layout,
    record,
    reach: (id, state, timeoutMs = 10_000) =>
      until(() => (record(id).state === state ? record(id) : null), { timeoutMs, what: `${id} ${state}` }),
    replaced: (before, timeoutMs = 10_000) =>
      until(
        () => {
          const now = record(before.id)
          return now.state === 'ready' && now.incarnation !== before.incarnation ? now : null
        },
        { timeoutMs, what: `${before.id} replaced` },
      ),
    reports: () => readLines(layout.supervisorLog).map((line) => SupervisorReport.parse(line)),
    deaths: () => readLines(layout.deaths).map((line) => DeathRecord.parse(line)),
  }
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((supervisor) => supervisor.stop({ kill: true })))
})

/** The pid of a child that runs. */
export const pidOf = (record: ChildRecord): number => {
  if (record.identity === null) throw new Error(`${record.id} does not run`)
  return record.identity.pid
}

/** Whether a record's process still lives, by its identity. */
export const lives = (record: ChildRecord): boolean =>
  record.identity !== null && proveIdentity(record.identity).proof === 'alive'

/** Whether any process, zombies aside, has this pid. */
export const pidLives = (pid: number): boolean => {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Makes a named pipe: a child that reads from it waits for the test. */
export const makeFifo = (dir: string, name: string): string => {
  const path = join(dir, name)
  execFileSync('mkfifo', [path])
  return path
}

const readLines = (path: string): unknown[] => {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  } catch {
    return []
  }
}
