import type { ProcessIdentity } from '../contracts/process-identity.ts'
import { systemClock } from './clock.ts'
import { killTree } from './kill-tree.ts'
import { familyOf, keyOf, nextScan, noOlderThan, type ProcessScan, scanProcesses } from './process-family.ts'
import { identityOf, proveIdentity } from './process-identity.ts'
import { type ProcessEntry, processTable } from './process-table.ts'

export interface EndTarget {
  /** Null where only the mark is known (a half-written registration). */
  identity: ProcessIdentity | null
  mark: string
}

/** How long SIGKILL is repeated before the last resort, and again after it. */
const SWEEP_MS = 2_000

/** How long a process may take to become another program, generously. */
const BECOMING_MS = 10

/** A moment for the parent (mostly us) to collect the dead. */
const REAPED_WITHIN_MS = 50

/**
 * Ends a process and everything it started: `signal` (SIGTERM) to its group, SIGKILL to the group after `graceMs`,
 * then SIGKILL to whoever else carries its mark or descends from it. Answers `gone` only with proof. Signals nobody
 * whose identity is not proved at that moment, and no process of another incarnation.
 * Programs that left the group *and* shed their parents and their environment are found at containment `namespace` only.
 */
export const endProcess = async (
  target: EndTarget,
  options: { signal?: string; graceMs: number },
): Promise<'gone' | 'survived'> => {
  refuseSelf(target)
  const known = new Set<string>()
  // Before anybody dies: ancestry shows only while the ancestors live.
  if (target.identity !== null && isPresent(target.identity)) await membersNow(target, known)
  if (signalTarget(target.identity, options.signal ?? 'SIGTERM')) {
    // A stopped process takes no signal but KILL until it is continued.
    signalTarget(target.identity, 'SIGCONT')
    await waitForGroup(target.identity, options.graceMs)
  }
  let gone = await killMembers(target, known)
  if (!gone) {
    await killTrees(target, known)
    gone = await killMembers(target, known)
  }
  if (gone) await reaped(target.identity)
  return gone ? 'gone' : 'survived'
}

/** The pids of all processes (zombies aside) that were started with this mark in their environment. */
export const findMarked = (mark: string): number[] => {
  const scan = scanProcesses()
  const marks = scan.marksOf(scan.entries)
  return scan.entries
    .filter((entry) => marks.get(entry.pid) === mark && entry.state !== 'Z' && entry.pid !== process.pid)
    .map((entry) => entry.pid)
}

const refuseSelf = (target: EndTarget): void => {
  if (target.identity?.pid === process.pid && proveIdentity(target.identity).proof !== 'gone') {
    throw new Error(
      `endProcess: pid ${process.pid} is this very process; it ends by returning, not by a signal`,
    )
  }
}

/**
 * Looks afresh for the target's family and remembers it. In the instant in which a process becomes another program its
 * environment reads as empty, so a look that finds nobody, but a younger process in that instant, is taken again.
 */
const membersNow = async (target: EndTarget, known: Set<string>): Promise<ProcessEntry[]> => {
  let scan = await nextScan()
  let members = familyOf(target, scan, known)
  if (members.length === 0 && mayHideOne(scan, target.identity)) {
    await systemClock.sleep(BECOMING_MS)
    scan = await nextScan()
    members = familyOf(target, scan, known)
  }
  for (const member of members) known.add(keyOf(member))
  return members
}

const mayHideOne = (scan: ProcessScan, identity: ProcessIdentity | null): boolean => {
  const candidates = noOlderThan(identity, scan)
  const marks = scan.marksOf(candidates)
  return (
    identity !== null &&
    candidates.some(({ pid, state }) => state !== 'Z' && state !== 'X' && marks.get(pid) === '')
  )
}

/**
 * Signals the target's group if it leads one, else the process alone: a negative pid of a process that leads no group
 * of its own would hit the group it was started in, ours. False where nobody was there to signal.
 */
const signalTarget = (identity: ProcessIdentity | null, signal: string): boolean => {
  if (identity === null || !isPresent(identity)) return false
  const found = processTable.read(identity.pid)
  if (!('entry' in found) || found.entry === null) return false
  return send(found.entry.pgrp === identity.pid ? -identity.pid : identity.pid, signal)
}

/** Waits until the target and its group are gone, at most `graceMs`. */
const waitForGroup = async (identity: ProcessIdentity | null, graceMs: number): Promise<void> => {
  if (identity === null) return
  const beganMs = systemClock.monoMs()
  for (let waitedMs = 0; waitedMs < graceMs; waitedMs = systemClock.monoMs() - beganMs) {
    if (!isPresent(identity) && !(await groupLives(identity.pid))) return
    // Most are about to end as we begin to wait, and whoever takes long is not missed by much.
    const pauseMs = Math.min(25, Math.max(1, waitedMs / 4))
    await systemClock.sleep(Math.min(pauseMs, Math.max(0, graceMs - waitedMs)))
  }
}

/** Whether anybody but zombies is in the group; the leader may be dead while its group lives. */
const groupLives = async (pgrp: number): Promise<boolean> => {
  if (!send(-pgrp, 0)) return false
  const { entries } = await nextScan()
  return entries.some((entry) => entry.pgrp === pgrp && entry.state !== 'Z' && entry.state !== 'X')
}

/** Sends SIGKILL until nobody of the family is left; false when time is up first, or where nothing can be proved. */
const killMembers = async (target: EndTarget, known: Set<string>): Promise<boolean> => {
  const deadlineMs = systemClock.monoMs() + SWEEP_MS
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 25)) {
    const members = await membersNow(target, known)
    if (members.length === 0) return !isUnknown(target.identity)
    if (systemClock.monoMs() > deadlineMs) return false
    // The whole group in one call, so that it cannot fork its way past us; then each by its own pid.
    signalTarget(target.identity, 'SIGKILL')
    for (const member of members) kill(member)
    await systemClock.sleep(pauseMs)
  }
}

/** SIGKILL to one member, if it still is the process that was looked at. */
const kill = (member: ProcessEntry): void => {
  if (identityOf(member.pid)?.startTicks === member.startTicks) send(member.pid, 'SIGKILL')
}

/**
 * A dead process stays in the table as a zombie until its parent collects it: at once where we are the parent, late or
 * never where a lazy init has inherited it. Dead it is in either case, so nobody waits long for that.
 */
const reaped = async (identity: ProcessIdentity | null): Promise<void> => {
  const deadlineMs = systemClock.monoMs() + REAPED_WITHIN_MS
  while (identity !== null && proveIdentity(identity).proof !== 'gone' && systemClock.monoMs() < deadlineMs) {
    await systemClock.sleep(2)
  }
}

/** The last resort: tree-kill walks parents and children with tools of the system, where our own look fell short. */
const killTrees = async (target: EndTarget, known: Set<string>): Promise<void> => {
  const scan = await nextScan()
  const marks = scan.marksOf(scan.entries)
  const isForeign = (pid: number): boolean => Boolean(marks.get(pid)) && marks.get(pid) !== target.mark
  for (const member of familyOf(target, scan, known)) {
    // tree-kill knows nothing of marks, so it must not start above another incarnation.
    if (scan.entries.some((entry) => entry.ppid === member.pid && isForeign(entry.pid))) continue
    await killTree(member.pid)
  }
}

const isPresent = (identity: ProcessIdentity): boolean => {
  const proved = proveIdentity(identity)
  return (
    proved.proof === 'alive' || (proved.proof === 'halted' && proved.state !== 'Z' && proved.state !== 'X')
  )
}

const isUnknown = (identity: ProcessIdentity | null): boolean =>
  identity !== null && proveIdentity(identity).proof === 'unknown'

/** True when the signal reached somebody (or somebody is there whom we may not signal). */
const send = (pid: number, signal: string | 0): boolean => {
  try {
    process.kill(pid, signal as NodeJS.Signals)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ESRCH' || code === 'EPERM') return code === 'EPERM'
    throw error
  }
}
