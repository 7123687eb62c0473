import { readFileSync } from 'node:fs'
import { DeathRecord } from '../src/contracts/supervisor-report.ts'
import type { Clock } from '../src/platform/clock.ts'
import { ageMs } from '../src/platform/instant-math.ts'
import { keptLines } from './kept-lines.ts'

/** One unintended death, as the limits and the back-off count it. */
export interface TalliedDeath {
  readonly child: string
  readonly agoMs: number
  /** How long it had been ready, in ms; 0 when it never was. */
  readonly readyMs: number
}

/** Every death, append-only on disk; limits, back-off and status all derive from it, across our own restarts too. */
export interface DeathTally {
  /** Writes a death down. `uptimeMs` is counted from ready, 0 for a child that never was. */
  add(death: Omit<DeathRecord, 'v' | 'at'>): void
  /** Unintended deaths, oldest first. */
  unintended(): TalliedDeath[]
}

/** Older deaths matter to no limit. */
const KEPT_MS = 24 * 60 * 60_000
const KEPT_RECORDS = 5_000

/** Opens `deaths.ndjson`. A line that cannot be read is passed over: a lost death only makes a limit milder. */
export const openDeathTally = (path: string, clock: Clock): DeathTally => {
  let deaths = readDeaths(path)
  const lines = keptLines(path)
  const prune = (): void => {
    const now = clock.now()
    deaths = deaths.filter((death) => ageMs(now, death.at) <= KEPT_MS).slice(-KEPT_RECORDS)
  }
  prune()
  return {
    add: (death) => {
      const record: DeathRecord = { v: 1, at: clock.now(), ...death }
      // A crash of the host may take the last deaths with it: it also took everybody they are counted for.
      lines.append(JSON.stringify(record))
      deaths.push(record)
      if (deaths.length > KEPT_RECORDS) prune()
    },
    unintended: () => {
      const now = clock.now()
      return deaths
        .filter(isUnintended)
        .map((death) => ({ child: death.child, agoMs: ageMs(now, death.at), readyMs: death.uptimeMs }))
    },
  }
}

const isUnintended = (death: DeathRecord): boolean => death.cause !== 'intended' && death.cause !== 'sibling'

const readDeaths = (path: string): DeathRecord[] => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return []
  }
  return text.split('\n').flatMap((line) => {
    try {
      return [DeathRecord.parse(JSON.parse(line))]
    } catch {
      return []
    }
  })
}
