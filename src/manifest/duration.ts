const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const

/** Whole numbers with units, largest first, each unit once: `45m`, `1h30m`, `500ms`. */
export const DURATION_PATTERN =
  /^(?=\d)(?:\d{1,9}d)?(?:\d{1,9}h)?(?:\d{1,9}m(?!s))?(?:\d{1,9}s)?(?:\d{1,9}ms)?$/

/**
 * Reads a duration; null where the text is none.
 * @example parseDuration('1h30m') === 5_400_000
 */
export const parseDuration = (text: string): number | null => {
  if (!DURATION_PATTERN.test(text)) return null
  let totalMs = 0
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|d|h|m|s)/g)) {
    totalMs += Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS]
  }
  return totalMs
}

/**
 * Writes milliseconds the way a manifest spells them, in as few units as are exact.
 * @example formatDuration(5_400_000) === '1h30m'
 */
export const formatDuration = (ms: number): string => {
  let left = ms
  let text = ''
  for (const [unit, unitMs] of Object.entries(UNIT_MS)) {
    const amount = Math.floor(left / unitMs)
    if (amount > 0) text += `${amount}${unit}`
    left -= amount * unitMs
  }
  return text === '' ? '0s' : text
}
