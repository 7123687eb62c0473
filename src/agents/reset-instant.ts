/**
 * When a limit is over, as an agent's own error message says it. Understood are an epoch after a bar
 * (`limit reached|1751997600`), ISO times, spans (`try again in 1h 2m 3s`) and clock times
 * (`resets Oct 7, 3:20am (Europe/Berlin)`), each only after a word that speaks of a reset. A clock time without a date
 * is the next one; without a zone it is this machine's. For every type whose messages carry such times.
 * @param nowMs when the message was written, in UTC ms.
 * @returns UTC ms, or null where the text names no time, a past one, or one more than 40 days off.
 */
export const resetInstant = (text: string, nowMs: number): number | null => {
  for (const read of [readEpoch, readIso, readSpan, readClock]) {
    const at = read(text, nowMs)
    if (at !== null) return at > nowMs && at - nowMs <= FARTHEST_MS ? Math.round(at) : null
  }
  return null
}

/** Monthly quotas are the longest. */
const FARTHEST_MS = 40 * 86_400_000

/** The words before a time that make it the time of a reset. */
const RESET = String.raw`\b(?:resets?|try again|retry|available again|wait|regain access)\b`

const EPOCH = /limit reached\|(\d{10})(\d{3})?(?!\d)/i

const readEpoch = (text: string): number | null => {
  const found = EPOCH.exec(text)
  return found === null ? null : Number(found[1]) * 1000 + Number(found[2] ?? 0)
}

const ISO = new RegExp(
  String.raw`${RESET}\s+(?:(?:at|on|after|until)\s+)?(\d{4}-\d\d-\d\d)(?:T| at | )(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s?(Z|UTC|[+-]\d\d:?\d\d)`,
  'i',
)

const readIso = (text: string): number | null => {
  const [, date, time, zone] = ISO.exec(text) ?? []
  const at = Date.parse(`${date}T${time}${zone?.toUpperCase() === 'UTC' ? 'Z' : zone}`)
  return Number.isNaN(at) ? null : at
}

/** In the order in which they are tried: `ms` before `m`. */
const UNITS: ReadonlyArray<readonly [name: string, ms: number]> = [
  ['ms|milliseconds?', 1],
  ['s|secs?|seconds?', 1000],
  ['m|mins?|minutes?', 60_000],
  ['h|hrs?|hours?', 3_600_000],
  ['d|days?', 86_400_000],
  ['w|weeks?', 604_800_000],
]
/** `1h`, `2.5 seconds`; directly after it a number may follow (`1h2m`), a letter not. */
const AMOUNT = String.raw`\d+(?:\.\d+)?\s*(?:${UNITS.map(([name]) => name).join('|')})(?![a-z])`
const SPAN = new RegExp(String.raw`${RESET}\s+(?:(?:in|after|for)\s+)?((?:${AMOUNT}[\s,]*(?:and\s+)?)+)`, 'i')

const readSpan = (text: string, nowMs: number): number | null => {
  const span = SPAN.exec(text)?.[1]
  if (span === undefined) return null
  const amounts = span.match(new RegExp(AMOUNT, 'gi')) ?? []
  return amounts.reduce((at, amount) => at + amountMs(amount), nowMs)
}

const amountMs = (amount: string): number => {
  const unit = UNITS.find(([name]) => new RegExp(String.raw`\d\s*(?:${name})$`, 'i').test(amount))
  return Number.parseFloat(amount) * (unit?.[1] ?? 0)
}

const CLOCK = new RegExp(
  String.raw`${RESET}\s+(?:(?:at|on)\s+)?(?:(?<month>[a-z]{3})[a-z]*\.? (?<day>\d{1,2})(?:st|nd|rd|th)?,? (?:(?<year>\d{4}),? )?(?:at )?)?` +
    String.raw`(?<hour>\d{1,2})(?::(?<minute>\d\d))?\s*(?<half>am|pm)?(?![\d:])(?:\s*\((?<zone>[A-Za-z_+\-/0-9]+)\))?`,
  'i',
)

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const readClock = (text: string, nowMs: number): number | null => {
  const found = CLOCK.exec(text)?.groups
  // A bare number is no time: `try again 3 times`.
  if (found === undefined || (found.minute === undefined && found.half === undefined)) return null
  const offset = offsetIn(found.zone)
  if (offset === null) return null
  const hour = hourOf(Number(found.hour), found.half)
  const minute = Number(found.minute ?? 0)
  if (hour > 23 || minute > 59) return null
  const today = new Date(nowMs + offset(nowMs))
  const at = (year: number, month: number, day: number): number => {
    const wall = Date.UTC(year, month, day, hour, minute)
    // Asked twice, because the offset that holds is the one of the answer.
    return wall - offset(wall - offset(wall))
  }
  const year = today.getUTCFullYear()
  if (found.month !== undefined) {
    const month = MONTHS.indexOf(found.month.toLowerCase())
    if (month === -1) return null
    const dated = at(Number(found.year ?? year), month, Number(found.day))
    return dated > nowMs || found.year !== undefined ? dated : at(year + 1, month, Number(found.day))
  }
  const next = at(year, today.getUTCMonth(), today.getUTCDate())
  return next > nowMs ? next : at(year, today.getUTCMonth(), today.getUTCDate() + 1)
}

const hourOf = (hour: number, half: string | undefined): number => {
  if (half === undefined) return hour
  return (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0)
}

/** How far a zone's wall clock is ahead of UTC at an instant, in ms; null for a zone that does not exist. */
const offsetIn = (zone: string | undefined): ((atMs: number) => number) | null => {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', {
      ...(zone === undefined ? {} : { timeZone: zone }),
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    return null
  }
  return (atMs) => {
    const part = Object.fromEntries(
      format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]),
    )
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1000) * 1000
  }
}
