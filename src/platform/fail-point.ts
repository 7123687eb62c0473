import { appendFileSync, closeSync, openSync } from 'node:fs'

interface FailPoint {
  readonly name: string
  /** Which passing of this point acts, counted per process from 1. */
  readonly nth: number
  readonly signal: 'SIGKILL' | 'SIGSTOP'
}

/**
 * Parses OC_SUPERVISE_FAILPOINT: `name[#nth]=kill|stop`, several separated by `;`.
 * @throws Error when the text is something else; a test with a misspelt point would prove nothing.
 */
export const parseFailPoints = (text: string): FailPoint[] =>
  text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^([^#=;\s]+)(?:#([1-9]\d*))?=(kill|stop)$/.exec(part)
      if (match?.[1] === undefined) {
        throw new Error(`OC_SUPERVISE_FAILPOINT: '${part}' is not name[#nth]=kill|stop`)
      }
      return {
        name: match[1],
        nth: Number(match[2] ?? 1),
        signal: match[3] === 'kill' ? 'SIGKILL' : 'SIGSTOP',
      }
    })

const points = parseFailPoints(process.env.OC_SUPERVISE_FAILPOINT ?? '')
const logFile = process.env.OC_SUPERVISE_FAILPOINT_LOG
const onceFile = process.env.OC_SUPERVISE_FAILPOINT_ONCE
const passed = new Map<string, number>()

const pass = (name: string): void => {
  const count = (passed.get(name) ?? 0) + 1
  passed.set(name, count)
  if (logFile) appendFileSync(logFile, `${name}\n`)
  const hit = points.find((point) => point.name === name && point.nth === count)
  if (hit !== undefined && isFirst(name)) process.kill(process.pid, hit.signal)
}

/**
 * Whether this firing is the only one there may be: whoever creates the file of OC_SUPERVISE_FAILPOINT_ONCE fires, and
 * its own restart passes. The file says who fired where.
 */
const isFirst = (name: string): boolean => {
  if (!onceFile) return true
  try {
    const file = openSync(onceFile, 'wx', 0o600)
    appendFileSync(file, `${process.pid} ${name}\n`)
    closeSync(file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/**
 * Marks a place where a crash must be survivable. Nothing happens unless OC_SUPERVISE_FAILPOINT names it (then this
 * process kills or stops itself here; with OC_SUPERVISE_FAILPOINT_ONCE only the first process that comes by) or
 * OC_SUPERVISE_FAILPOINT_LOG names a file (then every name passed is recorded).
 */
export const failPoint: (name: string) => void = points.length > 0 || logFile ? pass : () => {}
