import type { Instant } from '../../contracts/instant.ts'
import type { TimerRow } from '../../contracts/store.ts'
import { isDue } from '../../platform/instant-math.ts'
import type { Store } from '../store.ts'
import type { Journal } from './journal.ts'
import { toEffect, toInbox, toTimer } from './rows.ts'
import type { EffectTable, InboxTable, TimerTable } from './tables.ts'

/**
 * What waits for one owner. Asked before every turn, so each query walks an index of work in flight; CROSS JOIN keeps
 * SQLite from starting at the leases, of which there may be many.
 */
export const dueQueries = (
  journal: Journal,
): Pick<Store, 'due' | 'unfinishedEffects' | 'pendingTimers' | 'waitingEvents'> => ({
  due: async (queue, owner, now, limit) => {
    const timers = [
      ...timersOfThisBoot(journal, owner, now, limit),
      ...timersOfOtherBoots(journal, owner, now),
    ]
    timers.sort((a, b) => waitMs(now, a.due) - waitMs(now, b.due))
    return {
      inbox: inboxOf(journal, queue, owner, limit),
      timers: timers.filter((timer) => isDue(now, timer.due)).slice(0, limit),
      effects: openEffects(journal, owner, limit),
      unclaimed: unclaimedActors(journal, queue, limit),
      nextTimer: timers.find((timer) => !isDue(now, timer.due))?.due ?? null,
    }
  },

  unfinishedEffects: async (actor) =>
    journal
      .prepare("SELECT * FROM effects WHERE actor = ? AND state = 'open' ORDER BY n")
      .all(actor)
      .map((row) => toEffect(row as unknown as EffectTable)),

  pendingTimers: async (actor) =>
    journal
      .prepare('SELECT * FROM timers WHERE actor = ? ORDER BY id')
      .all(actor)
      .map((row) => toTimer(row as unknown as TimerTable)),

  waitingEvents: async ({ id, queue }) =>
    journal
      .prepare("SELECT * FROM inbox WHERE state = 'waiting' AND queue = ? AND actor = ? ORDER BY n")
      .all(queue, id)
      .map((row) => toInbox(row as unknown as InboxTable)),
})

/** Milliseconds until an instant, by the clock that means something: monotonic within a boot, else wall. */
const waitMs = (now: Instant, due: Instant): number =>
  now.bootId === due.bootId ? due.monoMs - now.monoMs : due.wallMs - now.wallMs

/** All that are due, and the one that comes due next. */
const timersOfThisBoot = (journal: Journal, owner: string, now: Instant, limit: number): TimerRow[] =>
  [
    ...journal
      .prepare(
        `SELECT timers.* FROM timers CROSS JOIN leases USING (actor)
         WHERE due_boot = ? AND due_mono <= ? AND incarnation = ? ORDER BY due_mono LIMIT ?`,
      )
      .all(now.bootId, now.monoMs, owner, limit),
    ...journal
      .prepare(
        `SELECT timers.* FROM timers CROSS JOIN leases USING (actor)
         WHERE due_boot = ? AND due_mono > ? AND incarnation = ? ORDER BY due_mono LIMIT 1`,
      )
      .all(now.bootId, now.monoMs, owner),
  ].map((row) => toTimer(row as unknown as TimerTable))

/** Timers set before a reboot: few, and fewer with time. */
const timersOfOtherBoots = (journal: Journal, owner: string, now: Instant): TimerRow[] =>
  journal
    .prepare(
      `SELECT timers.* FROM timers CROSS JOIN leases USING (actor)
       WHERE (due_boot < ?1 OR due_boot > ?1) AND incarnation = ?2`,
    )
    .all(now.bootId, owner)
    .map((row) => toTimer(row as unknown as TimerTable))

const inboxOf = (journal: Journal, queue: string, owner: string, limit: number) =>
  journal
    .prepare(
      `SELECT inbox.* FROM inbox CROSS JOIN leases USING (actor)
       WHERE inbox.queue = ? AND inbox.state = 'waiting' AND incarnation = ? ORDER BY inbox.n LIMIT ?`,
    )
    .all(queue, owner, limit)
    .map((row) => toInbox(row as unknown as InboxTable))

const openEffects = (journal: Journal, owner: string, limit: number) =>
  journal
    .prepare(
      `SELECT effects.* FROM effects CROSS JOIN leases USING (actor)
       WHERE effects.state = 'open' AND incarnation = ? ORDER BY n LIMIT ?`,
    )
    .all(owner, limit)
    .map((row) => toEffect(row as unknown as EffectTable))

const unclaimedActors = (journal: Journal, queue: string, limit: number): string[] =>
  journal
    .prepare(
      `SELECT DISTINCT inbox.actor FROM inbox LEFT JOIN leases USING (actor)
       WHERE inbox.queue = ? AND inbox.state = 'waiting' AND incarnation IS NULL LIMIT ?`,
    )
    .all(queue, limit)
    .map((row) => row.actor as string)
