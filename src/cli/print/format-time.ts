/** UTC, as every record writes it: `2030-01-01T12:00:00.000Z`. */
export const isoTime = (wallMs: number): string => {
  const date = new Date(wallMs)
  return Number.isNaN(date.getTime()) ? `${wallMs} ms` : date.toISOString()
}

/** How long, in words and roughly: `3 s`, `12 min`, `5 h`, `6 d`. */
export const duration = (ms: number): string => {
  const seconds = Math.round(Math.abs(ms) / 1000)
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`
}

/** `12 s ago`, or `in 5 h` for what is to come. */
export const relative = (nowMs: number, thenMs: number): string =>
  thenMs > nowMs ? `in ${duration(thenMs - nowMs)}` : `${duration(nowMs - thenMs)} ago`
