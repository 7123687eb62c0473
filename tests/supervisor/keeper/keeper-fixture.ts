import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { ContainmentLevel } from '../../../src/contracts/agent-run.ts'
import { KeeperSpec } from '../../../src/contracts/keeper.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { bestContainment } from '../../../src/platform/containment.ts'
import { childEnvironment } from '../../../src/platform/environment.ts'
import { selfIdentity } from '../../../src/platform/process-identity.ts'
import { newId, randomHex } from '../../../src/platform/random.ts'
import { type StateLayout, stateLayout } from '../../../src/platform/state-layout.ts'
import { awaitKeeper } from '../../../supervisor/keeper/await-keeper.ts'
import { inspectKeeper } from '../../../supervisor/keeper/inspect-keeper.ts'
import { type StartedKeeper, startKeeper } from '../../../supervisor/keeper/start-keeper.ts'
import { stopKeeper } from '../../../supervisor/keeper/stop-keeper.ts'
import { makeTempDir } from '../../support/temp-dir.ts'

export const clock = systemClock

/** The containment levels that this host can show. */
export const levels: ContainmentLevel[] =
  bestContainment() === 'namespace' ? ['namespace', 'swept'] : ['swept']

const started: string[] = []
afterEach(async () => {
  for (const dir of started.splice(0)) await stopKeeper(dir, { clock })
})

/** A fresh state folder with a keeper's spec for `sh -c script`. */
export const makeSpec = (
  script: string,
  overrides: { level?: ContainmentLevel; limits?: Partial<KeeperSpec['limits']>; stdinFile?: string } = {},
): { layout: StateLayout; spec: KeeperSpec } => {
  const layout = stateLayout(makeTempDir('keeper'))
  const cwd = join(layout.workspaces, 'w')
  mkdirSync(cwd, { recursive: true })
  const spec = KeeperSpec.parse({
    protocol: 'keeper/v1',
    attempt: newId('att'),
    agent: {
      argv: ['sh', '-c', script],
      cwd,
      env: childEnvironment({}),
      stdinFile: overrides.stdinFile ?? null,
    },
    containment: { level: overrides.level ?? 'swept', sandbox: 'off' },
    mark: randomHex(16),
    limits: {
      wallClockMs: 60_000,
      idleMs: null,
      outputBytes: 10_000_000,
      memoryBytes: null,
      stopGraceMs: 500,
      orphanTimeoutMs: 60_000,
      ...overrides.limits,
    },
  })
  return { layout, spec }
}

export const owner = { incarnation: newId('inc'), identity: selfIdentity() }

/** Starts a keeper that the test's end will stop. */
export const start = async (
  made: { layout: StateLayout; spec: KeeperSpec },
  extra: { owner?: typeof owner; secrets?: Record<string, string> } = {},
): Promise<Extract<StartedKeeper, { ok: true }>> => {
  const keeper = await startKeeper({
    ...made,
    owner: extra.owner ?? owner,
    secrets: extra.secrets ?? {},
    clock,
  })
  if (!keeper.ok) throw new Error(keeper.reason)
  started.push(keeper.dir)
  return keeper
}

/** Runs a script to its end under a keeper and gives the exit record. */
export const runToEnd = async (made: ReturnType<typeof makeSpec>) => {
  const { dir } = await start(made)
  const ending = await awaitKeeper(dir, { clock })
  if (ending.ending !== 'exited') throw new Error(`keeper ${ending.ending}`)
  return { dir, exit: ending.exit }
}

/** The pid of a running keeper. */
export const keeperPid = (dir: string): number => {
  const facts = inspectKeeper(dir)
  if (facts.state !== 'running') throw new Error(`keeper is ${facts.state}`)
  return facts.self.identity.pid
}

export const readText = (path: string): string => readFileSync(path, 'utf8')
