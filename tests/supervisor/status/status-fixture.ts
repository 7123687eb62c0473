import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { afterEach } from 'vitest'
import type { ProcessIdentity } from '../../../src/contracts/process-identity.ts'
import { ChildRecord, StatusFile } from '../../../src/contracts/status.ts'
import { writeJsonAtomic } from '../../../src/platform/atomic-file.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { identityOf, proveIdentity } from '../../../src/platform/process-identity.ts'
import { type StateLayout, stateLayout } from '../../../src/platform/state-layout.ts'
import { runStatus, type StatusCall } from '../../../supervisor/status/status-main.ts'
import { writeStatus } from '../../../supervisor/status/write-status.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { until } from '../../support/until.ts'

const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

export interface Standin {
  readonly identity: ProcessIdentity
  signal(name: NodeJS.Signals): Promise<void>
}

/** A real process that stands for a supervisor, lane or keeper. `signal` waits until the system shows its effect. */
export const startStandin = async (): Promise<Standin> => {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' })
  started.push(child)
  const pid = child.pid ?? 0
  const identity = await until(() => identityOf(pid))
  return {
    identity,
    signal: async (name) => {
      child.kill(name)
      const wanted = { SIGKILL: 'gone', SIGSTOP: 'halted', SIGCONT: 'alive' }[name as string]
      await until(() => proveIdentity(identity).proof === wanted)
    },
  }
}

/** A tree with a living supervisor and one living lane, as its supervisor would record it just now. */
export const makeTree = async () => {
  const layout = stateLayout(makeTempDir('status'))
  for (const dir of [layout.heartbeats, layout.registrations, layout.keepers, layout.runs]) {
    mkdirSync(dir, { recursive: true })
  }
  const supervisor = await startStandin()
  const lane = await startStandin()
  const file = (overrides: Partial<StatusFile> = {}): StatusFile =>
    StatusFile.parse({
      v: 1,
      name: 'api',
      writtenAt: systemClock.now(),
      startedAt: systemClock.now(),
      supervisor: { incarnation: 'inc-s', identity: supervisor.identity },
      cleanStop: null,
      paused: false,
      containment: 'namespace',
      sandbox: 'off',
      gateTrust: 'same-user',
      children: [childRecord(lane.identity)],
      keepers: [],
      runs: [],
      counts: { ready: 1, running: 0, review: 0, blocked: 0 },
      attention: [],
      ...overrides,
    })
  const write = (overrides: Partial<StatusFile> = {}): void => writeStatus(layout.status, file(overrides))
  writeBeat(layout, 'goal', {})
  write()
  return { layout, supervisor, lane, file, write }
}

export const childRecord = (
  identity: ProcessIdentity | null,
  overrides: Partial<ChildRecord> = {},
): ChildRecord =>
  ChildRecord.parse({
    id: 'goal',
    role: 'lane',
    group: 'lanes',
    wanted: 'up',
    state: 'ready',
    liveness: 'nonce',
    incarnation: 'inc-1',
    identity,
    heartbeatStaleAfterMs: 45_000,
    provedAt: systemClock.now(),
    restarts: 0,
    nextAt: null,
    reason: '',
    ...overrides,
  })

export const writeBeat = (layout: StateLayout, child: string, overrides: object): void =>
  writeJsonAtomic(layout.heartbeat(child), {
    v: 1,
    child,
    incarnation: 'inc-1',
    at: systemClock.now(),
    turn: 1,
    doing: 'idle',
    detail: 'no work',
    busyUntil: null,
    progress: null,
    ...overrides,
  })

/** Runs `status` in this process. */
export const status = async (
  dir: string,
  ...argv: string[]
): Promise<{ code: number; out: string; err: string }> => {
  const out: string[] = []
  const err: string[] = []
  const call: StatusCall = {
    argv: ['--state-dir', dir, ...argv],
    env: {},
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
    stateDirOf: async () => dir,
  }
  return { code: await runStatus(call), out: out.join(''), err: err.join('') }
}

/** The exit code and the claim. */
export const claimOf = async (dir: string, ...argv: string[]): Promise<[number, string]> => {
  const { code, out } = await status(dir, '--exit-code', '--json', ...argv)
  return [code, JSON.parse(out).claim]
}
