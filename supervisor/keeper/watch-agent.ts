import { fstatSync, readFileSync } from 'node:fs'
import type { StopReason } from '../../src/contracts/agent-run.ts'
import type { KeeperSpec } from '../../src/contracts/keeper.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { proveIdentity } from '../../src/platform/process-identity.ts'
import { agentMemoryBytes } from './agent-memory.ts'
import { decideStop, type KeeperFacts, nextLookMs } from './decide-stop.ts'
import { isProvedDead } from './is-proved-dead.ts'
import type { KeeperFiles } from './keeper-files.ts'
import { parseControl, parseOwner } from './parse-spec.ts'
import type { SpawnedAgent } from './spawn-agent.ts'
import { watchFolder } from './watch-folder.ts'

/** How often a keeper looks when nothing wakes it; also how exactly it measures idleness, output and memory. */
const LONGEST_LOOK_MS = 1_000

interface AgentWatch {
  /** Settles once, with the reason for which the agent must be stopped. Never, where it ends by itself first. */
  readonly stopWanted: Promise<StopReason>
  /** Asks for a stop from within (a SIGTERM to the keeper). */
  askStop(): void
  close(): void
}

/** Looks at the agent and its owner, once a second and whenever the owner writes, until a ceiling is reached. */
export const watchAgent = (
  spec: KeeperSpec,
  files: KeeperFiles,
  agent: SpawnedAgent,
  pid: number,
): AgentWatch => {
  const { promise: stopWanted, resolve } = Promise.withResolvers<StopReason>()
  const startedMs = systemClock.monoMs()
  const seen = { bytes: 0, grownMs: startedMs, ownerGoneMs: null as number | null }
  let asked: StopReason | null = null
  let cancelTimer = (): void => {}

  const look = (): void => {
    cancelTimer()
    const nowMs = systemClock.monoMs()
    const bytes = agent.outputs.reduce((sum, file) => sum + fstatSync(file).size, 0)
    if (bytes !== seen.bytes) Object.assign(seen, { bytes, grownMs: nowMs })
    seen.ownerGoneMs = ownerGoneSince(files.owner, seen.ownerGoneMs, nowMs)
    asked ??= parseControl(readOrEmpty(files.control))?.reason ?? null
    const facts: KeeperFacts = {
      nowMs,
      startedMs,
      grownMs: seen.grownMs,
      outputBytes: seen.bytes,
      memoryBytes: spec.limits.memoryBytes === null ? 0 : agentMemoryBytes(pid),
      ownerGoneMs: seen.ownerGoneMs,
      asked,
    }
    const reason = decideStop(spec.limits, facts)
    if (reason !== null) resolve(reason)
    else cancelTimer = systemClock.after(nextLookMs(spec.limits, facts, LONGEST_LOOK_MS), look)
  }

  const wakers = [files.control, files.owner].map((path) => path.slice(files.dir.length + 1))
  const unwatch = watchFolder(files.dir, (name) => {
    if (wakers.includes(name)) look()
  })
  look()
  return {
    stopWanted,
    askStop: () => {
      asked ??= 'requested'
      look()
    },
    close: () => {
      unwatch()
      cancelTimer()
    },
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
