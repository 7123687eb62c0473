import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import type { KeeperSpec } from '../../src/contracts/keeper.ts'
import { writeJsonAtomic } from '../../src/platform/atomic-file.ts'
import type { Clock } from '../../src/platform/clock.ts'
import { findMarked } from '../../src/platform/end-process.ts'
import { ownProcessEnvironment } from '../../src/platform/environment.ts'
import { readRegistrations } from '../../src/platform/registrations.ts'
import { spawnRegistered } from '../../src/platform/spawn-registered.ts'
import type { StateLayout } from '../../src/platform/state-layout.ts'
import { inspectKeeper, type KeeperFacts } from './inspect-keeper.ts'
import { keeperFiles, SECRET_PREFIX } from './keeper-files.ts'
import { KEEPER_PROGRAM } from './keeper-program.ts'
import { type KeeperHolder, ownKeeper } from './own-keeper.ts'

interface StartKeeperOptions {
  readonly layout: StateLayout
  readonly spec: KeeperSpec
  readonly owner: KeeperHolder
  /** The agent's secrets, by the name they have in its environment. They are written to no file. */
  readonly secrets: Readonly<Record<string, string>>
  readonly clock: Clock
}

export type StartedKeeper =
  /** Await it with `awaitKeeper(dir)`. `adopted`: it was there already, running or ended; nothing was started. */
  | { readonly ok: true; readonly dir: string; readonly adopted: boolean }
  | { readonly ok: false; readonly reason: string }

/** How long a fresh keeper may take until it has taken its folder. */
const CLAIMED_WITHIN_MS = 30_000

/**
 * Starts the keeper of one attempt, or adopts the one that is there: an attempt's agent is run at most once, however
 * often and by whomever this is called. The owner is written first, so that no keeper ever runs without one.
 * @throws SpawnError when the operating system refuses to start a process.
 */
export const startKeeper = async (options: StartKeeperOptions): Promise<StartedKeeper> => {
  const { layout, spec, clock } = options
  const dir = layout.keeperDir(spec.attempt)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const adopted = await adoptKeeper({ ...options, attempt: spec.attempt })
  if (adopted !== null) return adopted
  writeJsonAtomic(keeperFiles(dir).spec, spec)
  return awaitClaim(dir, clock, await launch(options, dir))
}

/** Adopts the keeper of an attempt that is there, running or ended, or on its way; null where there is none. */
export const adoptKeeper = async ({
  layout,
  attempt,
  owner,
  clock,
}: Pick<StartKeeperOptions, 'layout' | 'owner' | 'clock'> & {
  readonly attempt: string
}): Promise<StartedKeeper | null> => {
  const dir = layout.keeperDir(attempt)
  if (!existsSync(dir)) return null
  ownKeeper(dir, owner, clock)
  if (inspectKeeper(dir).state !== 'absent') return { ok: true, dir, adopted: true }
  const runs = (): boolean => isOnItsWay(layout, attempt)
  return runs() ? awaitClaim(dir, clock, { pid: null, runs }) : null
}

/** A keeper process that is about to take its folder; `pid` null where it is not of our making. */
interface Candidate {
  readonly pid: number | null
  readonly runs: () => boolean
}

/** A keeper that somebody started before us, and that has not taken its folder yet. */
const isOnItsWay = (layout: StateLayout, attempt: string): boolean =>
  readRegistrations(layout.registrations).some(
    ({ intent }) =>
      intent.role === 'keeper' && intent.subject === attempt && findMarked(intent.mark).length > 0,
  )

const launch = async (
  { layout, spec, owner, secrets }: StartKeeperOptions,
  dir: string,
): Promise<Candidate> => {
  const { log } = keeperFiles(dir)
  const { exited, identity } = await spawnRegistered({
    role: 'keeper',
    subject: spec.attempt,
    owner: owner.incarnation,
    registrationsDir: layout.registrations,
    argv: [process.execPath, KEEPER_PROGRAM, dir],
    cwd: dir,
    env: ownProcessEnvironment(
      Object.fromEntries(Object.entries(secrets).map(([name, value]) => [`${SECRET_PREFIX}${name}`, value])),
    ),
    stdoutFile: log,
    stderrFile: log,
  })
  let runs = true
  void exited.then(() => {
    runs = false
  })
  return { pid: identity.pid, runs: () => runs }
}

/** Until a keeper has taken the folder; from then on its files tell everything. */
const awaitClaim = async (dir: string, clock: Clock, candidate: Candidate): Promise<StartedKeeper> => {
  const startedMs = clock.monoMs()
  for (;;) {
    const waitedMs = clock.monoMs() - startedMs
    // Whether it runs is asked first: one that took its folder and ended at once must not look like one that failed.
    const running = candidate.runs()
    const facts: KeeperFacts = inspectKeeper(dir)
    if (facts.state !== 'absent') return { ok: true, dir, adopted: !isOurs(facts, candidate) }
    if (!running) return { ok: false, reason: `the keeper ended before it took ${dir}: ${lastWords(dir)}` }
    if (waitedMs > CLAIMED_WITHIN_MS) return { ok: false, reason: `the keeper did not take ${dir} in time` }
    await clock.sleep(Math.min(50, Math.max(2, waitedMs / 10)))
  }
}

/** Of several keepers started at the same moment one takes the folder; the others end at once. */
const isOurs = (facts: KeeperFacts, candidate: Candidate): boolean =>
  facts.state === 'running' ? facts.self.identity.pid === candidate.pid : candidate.pid !== null

const lastWords = (dir: string): string => {
  try {
    return readFileSync(keeperFiles(dir).log, 'utf8').trim().slice(-1000) || 'it said nothing'
  } catch {
    return 'it left no log'
  }
}
