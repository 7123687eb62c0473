import type { MaintenanceWindow, Weekday } from '../contracts/compiled-manifest.ts'

const DAY_MS = 86_400_000
/** The longest a time zone ever moved its clocks, and more. */
const LARGEST_SHIFT_MS = 26 * 3_600_000
const WEEKDAYS: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/**
 * When the maintenance that is on now ends, in UTC ms; null where there is none. A window belongs to the day on which it
 * starts and may end on the day after; windows that touch are one. A time of day that comes twice when clocks are set
 * back starts a window the first and ends it the second time; one that is left out when they are set forward is the
 * moment of the change.
 */
export const maintenanceEnd = (
  windows: readonly MaintenanceWindow[],
  timezone: string,
  nowMs: number,
): number | null => {
  let until = nowMs
  for (;;) {
    const ends = windows.flatMap((window) => endsAfter(window, timezone, until))
    const latest = Math.max(until, ...ends)
    if (latest === until) return until === nowMs ? null : until
    // Someone who keeps every hour of the week closed would keep us here for ever.
    if (latest - nowMs > 14 * DAY_MS) return latest
    until = latest
  }
}

/** The ends of this window's occurrences that contain the instant. */
const endsAfter = (window: MaintenanceWindow, timezone: string, atMs: number): number[] => {
  const today = localDayOf(timezone, atMs)
  // Of the day before where it goes on past midnight; of the next where clocks differ by then.
  return [today - DAY_MS, today, today + DAY_MS].flatMap((day) => {
    if (window.days.length > 0 && !window.days.includes(WEEKDAYS[new Date(day).getUTCDay()] as Weekday))
      return []
    const isOver = window.toMinute <= window.fromMinute
    const start = instantOf(timezone, day + window.fromMinute * 60_000, 'first')
    const end = instantOf(timezone, day + (isOver ? DAY_MS : 0) + window.toMinute * 60_000, 'last')
    return start <= atMs && atMs < end ? [end] : []
  })
}

/** A time on the wall as if it were UTC: days and minutes are then plain numbers. */
const wallTimeOf = (timezone: string, atMs: number): number => {
  const parts = formatOf(timezone).formatToParts(atMs)
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((each) => each.type === type)?.value)
  return (
    Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) +
    (((atMs % 1000) + 1000) % 1000)
  )
}

const localDayOf = (timezone: string, atMs: number): number =>
  Math.floor(wallTimeOf(timezone, atMs) / DAY_MS) * DAY_MS

/** The instant at which clocks show a time; of two the one asked for, and of none that of the change. */
const instantOf = (timezone: string, wall: number, which: 'first' | 'last'): number => {
  const offsets = [-LARGEST_SHIFT_MS, LARGEST_SHIFT_MS].map((shift) => {
    const atMs = wall + shift
    return wallTimeOf(timezone, atMs) - atMs
  })
  const candidates = offsets.map((offset) => wall - offset)
  const showing = candidates.filter((atMs) => wallTimeOf(timezone, atMs) === wall)
  if (showing.length > 0) return which === 'first' ? Math.min(...showing) : Math.max(...showing)
  return changeBetween(timezone, wall, Math.min(...candidates), Math.max(...candidates))
}

/** The first ms at which clocks show `wall` or later, between an instant before and one after. */
const changeBetween = (timezone: string, wall: number, before: number, after: number): number => {
  let [low, high] = [before, after]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (wallTimeOf(timezone, middle) >= wall) high = middle
    else low = middle
  }
  return high
}

const formats = new Map<string, Intl.DateTimeFormat>()

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(timeZone, made)
  return made
}
