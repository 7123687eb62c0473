import { fstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StopReason } from '../../src/contracts/agent-run.ts'
import type { KeeperExit, KeeperSpec } from '../../src/contracts/keeper.ts'
import type { MeterReading } from '../../src/contracts/meter.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { sampledFolderGrowth } from '../../src/platform/folder-growth.ts'
import { proveIdentity } from '../../src/platform/process-identity.ts'
import { processLoad } from '../../src/platform/process-load.ts'
import { decideStop, type KeeperFacts, nextLookMs } from './decide-stop.ts'
import type { FileFollower } from './follow-files.ts'
import { followLines } from './follow-lines.ts'
import { isProvedDead } from './is-proved-dead.ts'
import type { KeeperFiles } from './keeper-files.ts'
import type { Meter } from './meter.ts'
import { parseControl, parseOwner } from './parse-spec.ts'
import type { SpawnedAgent } from './spawn-agent.ts'
import { watchFolder } from './watch-folder.ts'

/** How often a keeper looks when nothing wakes it; also how exactly it measures idleness, output and memory. */
const LONGEST_LOOK_MS = 1_000
/** So soon after it wrote something the agent is listened to: a ceiling on what it uses is noticed in the turn that goes beyond it. */
const READ_AFTER_MS = 20
/** In the end what was left is read so often; more than any output may hold. */
const LAST_READS = 40

interface StopWanted {
  readonly reason: StopReason
  /** What it had written until then. */
  readonly said: NonNullable<KeeperExit['saidAtStop']>
}

interface AgentWatch {
  /** Settles once, when the agent must be stopped. Never, where it ends by itself first. */
  readonly stopWanted: Promise<StopWanted>
  /** Asks for a stop from within (a SIGTERM to the keeper). */
  askStop(): void
  /** What its stream says, read to its present end; null where nothing reads it. */
  reading(): MeterReading | null
  close(): void
}

export interface WatchedAgent {
  readonly agent: SpawnedAgent
  readonly pid: number
  /** Null where nothing reads it. */
  readonly meter: Meter | null
  /** What it writes in its HOME, followed since before its start. */
  readonly written: FileFollower
}

/** Looks at the agent and its owner, once a second and whenever one of them writes, until a ceiling is reached. */
export const watchAgent = (
  spec: KeeperSpec,
  files: KeeperFiles,
  { agent, pid, meter, written }: WatchedAgent,
): AgentWatch => {
  const { promise: stopWanted, resolve } = Promise.withResolvers<StopWanted>()
  const startedMs = systemClock.monoMs()
  const seen = { bytes: 0, grownMs: startedMs, ownerGoneMs: null as number | null }
  const { limits } = spec
  const readOn = meter === null ? () => true : readerOf(agent, written, meter)
  const grownDisk = limits.diskBytes == null ? () => 0 : sampledFolderGrowth(spec.measured)
  let asked: StopReason | null = null
  let facts: KeeperFacts
  let cancelTimer = (): void => {}
  let cancelListening: (() => void) | null = null

  const look = (): void => {
    cancelTimer()
    const nowMs = systemClock.monoMs()
    const [stdoutBytes = 0, stderrBytes = 0] = agent.outputs.map((file) => fstatSync(file).size)
    const bytes = stdoutBytes + stderrBytes
    if (bytes !== seen.bytes) Object.assign(seen, { bytes, grownMs: nowMs })
    seen.ownerGoneMs = ownerGoneSince(files.owner, seen.ownerGoneMs, nowMs)
    const isRead = readOn()
    asked ??= parseControl(readOrEmpty(files.control))?.reason ?? null
    const load = limits.memoryBytes === null && limits.processes == null ? NO_LOAD : processLoad(pid)
    facts = {
      nowMs,
      startedMs,
      grownMs: seen.grownMs,
      outputBytes: seen.bytes,
      ...load,
      grownDiskBytes: grownDisk(nowMs),
      meter,
      ownerGoneMs: seen.ownerGoneMs,
      asked,
    }
    const reason = decideStop(limits, facts)
    if (reason !== null) resolve({ reason, said: { stdoutBytes, stderrBytes } })
    else
      cancelTimer = systemClock.after(
        isRead ? nextLookMs(limits, facts, LONGEST_LOOK_MS) : READ_AFTER_MS,
        look,
      )
  }
  /** Only what it says may be too much since the last look: the rest is dear to measure. */
  const listen = (): void => {
    cancelListening = null
    readOn()
    if (decideStop(limits, facts) !== null) look()
  }

  const unwatch = watchFolder(files.dir, (name) => {
    const path = join(files.dir, name)
    if (path === files.control || path === files.owner) look()
    else if (path === files.stdout && meter !== null)
      cancelListening ??= systemClock.after(READ_AFTER_MS, listen)
  })
  look()
  return {
    stopWanted,
    askStop: () => {
      asked ??= 'requested'
      look()
    },
    reading: () => {
      for (let reads = 0; reads < LAST_READS && !readOn(); reads += 1);
      return meter?.reading ?? null
    },
    close: () => {
      unwatch()
      cancelTimer()
      cancelListening?.()
    },
  }
}

const NO_LOAD = { processes: 0, memoryBytes: 0 }

/** Reads on everything the agent tells; false where something is left for the next time. */
const readerOf = (
  { stdout }: Pick<SpawnedAgent, 'stdout'>,
  written: FileFollower,
  meter: Meter,
): (() => boolean) => {
  const hear = (line: string): void => meter.read(line, systemClock.monoMs())
  const followed = followLines(stdout, hear, meter.missLine)
  return () => {
    const isHeard = followed()
    return written((of, line) => meter.readFile(of, line, systemClock.monoMs())) && isHeard
  }
}

/**
 * Since when nobody owns us, on the monotonic clock. Only proof counts: an owner that is stopped, or of whom the
 * system says nothing, changes nothing; a zombie is dead.
 */
const ownerGoneSince = (ownerFile: string, knownMs: number | null, nowMs: number): number | null => {
  const owner = parseOwner(readOrEmpty(ownerFile))
  if (owner === null) return knownMs ?? nowMs
  const proved = proveIdentity(owner)
  if (isProvedDead(proved)) return knownMs ?? nowMs
  return proved.proof === 'alive' ? null : knownMs
}

const readOrEmpty = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
