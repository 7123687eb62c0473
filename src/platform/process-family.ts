import type { ProcessIdentity } from '../contracts/process-identity.ts'
import { bootId } from './boot-id.ts'
import { systemClock } from './clock.ts'
import { type ProcessEntry, processTable } from './process-table.ts'

/** One look at all processes. */
export interface ProcessScan {
  readonly entries: readonly ProcessEntry[]
  /** The marks of these processes (see ProcessTable), read once for all who share the look. */
  marksOf(entries: readonly ProcessEntry[]): ReadonlyMap<number, string>
}

/** Looks at every process now. */
export const scanProcesses = (): ProcessScan => {
  const entries = processTable.list()
  const asked = new Set<number>()
  const marks = new Map<number, string>()
  return {
    entries,
    marksOf: (wanted) => {
      const fresh = wanted.map(({ pid }) => pid).filter((pid) => !asked.has(pid))
      for (const pid of fresh) asked.add(pid)
      for (const [pid, mark] of fresh.length === 0 ? [] : processTable.marks(fresh)) marks.set(pid, mark)
      return marks
    },
  }
}

/**
 * Who may come from a process, by age alone: nobody is older than the one it descends from, or joins its session later.
 * So nobody else's environment has to be read.
 */
export const noOlderThan = (
  identity: ProcessIdentity | null,
  { entries }: ProcessScan,
): readonly ProcessEntry[] =>
  identity?.bootId === bootId()
    ? entries.filter(({ startTicks }) => startTicks >= identity.startTicks)
    : entries

/** How close two looks may be, in ms. */
const CLOSEST_MS = 2
/** Where a look takes long itself, so many times as long: whoever ends hundreds must not spend all the time looking. */
const TIMES_ITS_COST = 3
/** And never longer, in ms: one look that a stopped or starved host held up must not hold up the next. */
const LONGEST_WAIT_MS = 250

let pending: Promise<ProcessScan> | null = null
let mayLookMs = Number.NEGATIVE_INFINITY

/**
 * A look that begins after this call: at once where the last one is long ago. Callers of the same few milliseconds share
 * one (stopping hundreds at once).
 */
export const nextScan = (): Promise<ProcessScan> => {
  pending ??= look()
  return pending
}

const look = async (): Promise<ProcessScan> => {
  const waitMs = mayLookMs - systemClock.monoMs()
  // Awaited either way: whoever asks in the same turn of the event loop shares this look.
  await (waitMs > 0 ? systemClock.sleep(waitMs) : null)
  pending = null
  const beganMs = systemClock.monoMs()
  const scan = scanProcesses()
  const endedMs = systemClock.monoMs()
  const longMs = Math.min(LONGEST_WAIT_MS, TIMES_ITS_COST * (endedMs - beganMs))
  mayLookMs = endedMs + Math.max(CLOSEST_MS, longMs)
  return scan
}

/**
 * Who belongs to a process, out of one scan: those with its mark; its group, session and descendants while the
 * process itself is proved by its identity; and the same of every member. `known` carries members found earlier (as
 * `pid:startTicks`), so that an orphan stays ours after the parents that showed it are gone.
 * A process with another mark is another incarnation (a lane's keeper, a keeper's agent): it and what stands below it
 * are never included, and neither are we. Zombies are dead already and left out.
 */
export const familyOf = (
  target: { identity: ProcessIdentity | null; mark: string },
  scan: ProcessScan,
  known: ReadonlySet<string> = new Set(),
): ProcessEntry[] => {
  const candidates = noOlderThan(target.identity, scan)
  const marks = scan.marksOf(candidates)
  const leader = candidates.find((entry) => isSame(entry, target.identity)) ?? null
  const mayJoin = ({ pid }: ProcessEntry): boolean =>
    pid !== process.pid && (!marks.get(pid) || marks.get(pid) === target.mark)
  const members = new Map<number, ProcessEntry>()
  const join = (entry: ProcessEntry): void => void members.set(entry.pid, entry)
  for (const entry of candidates.filter(mayJoin)) {
    if (entry === leader || marks.get(entry.pid) === target.mark || known.has(keyOf(entry))) join(entry)
  }
  for (let before = -1; before !== members.size; ) {
    before = members.size
    const groups = groupsOf(members, target.identity)
    for (const entry of candidates) {
      if (members.has(entry.pid) || !mayJoin(entry)) continue
      const { session } = entry
      if (members.has(entry.ppid) || groups.has(entry.pgrp) || (session !== null && groups.has(session))) {
        join(entry)
      }
    }
  }
  return [...members.values()].filter((entry) => entry.state !== 'Z' && entry.state !== 'X')
}

/** Names a process for as long as this boot lasts. */
export const keyOf = (entry: ProcessEntry): string => `${entry.pid}:${entry.startTicks}`

/**
 * The groups and sessions that members lead, and the target's own while any member is in it: their numbers cannot
 * have been given to strangers as long as one of ours holds them.
 */
const groupsOf = (
  members: ReadonlyMap<number, ProcessEntry>,
  identity: ProcessIdentity | null,
): Set<number> => {
  const groups = new Set<number>()
  for (const entry of members.values()) {
    if (entry.pgrp === entry.pid) groups.add(entry.pgrp)
    if (entry.session === entry.pid) groups.add(entry.session)
    if (identity !== null && (entry.pgrp === identity.pid || entry.session === identity.pid))
      groups.add(identity.pid)
  }
  return groups
}

const isSame = (entry: ProcessEntry, identity: ProcessIdentity | null): boolean =>
  identity !== null &&
  entry.pid === identity.pid &&
  entry.startTicks === identity.startTicks &&
  identity.bootId === bootId()
