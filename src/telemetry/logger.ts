import pino from 'pino'
import type { JsonValue } from '../contracts/json.ts'
import { REDACTED, withoutSecretShapes } from '../platform/secrets/redact-shapes.ts'

/** One thing that happened. Wording is stable: people and programs search for it. */
export interface Report {
  /** What, in lower snake case: `child_restarted`. */
  readonly event: string
  /** How it came out: `ok`, `refused`, `failed`, `retrying` … */
  readonly outcome: string
  /** Why, as one sentence; wanted wherever the outcome is not the usual one. */
  readonly reason?: string
  readonly task?: string
  readonly run?: string
  /** Whatever else helps; never a payload. Shortened when the line would pass 2 KB. */
  readonly detail?: JsonValue
}

export interface Logger {
  debug(report: Report): void
  info(report: Report): void
  warn(report: Report): void
  error(report: Report): void
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** A line may not be longer, in bytes, what pino adds included. */
const MAX_LINE_BYTES = 2048
const MAX_REASON_CHARACTERS = 300

/** Keys whose values are never written, wherever they stand in `detail`. */
const SECRET_KEY = /token|secret|password|passphrase|authorization|api_?key|private_?key|cookie/i

/**
 * Makes the logger of one process: JSON lines with `time`, `level`, `child`, `event`, `outcome`. `destination` is a file
 * descriptor (2 is standard error) or a file; `child` is a lane, a service or the supervisor; `wallMs` is the clock.
 */
export const createLogger = (options: {
  destination: number | string
  level: LogLevel
  child: string
  wallMs: () => number
  secrets?: readonly string[]
}): Logger => {
  const { destination, level, child, wallMs, secrets = [] } = options
  const logger = pino(
    {
      level,
      base: { child },
      messageKey: 'message',
      timestamp: () => `,"time":${wallMs()}`,
      formatters: { level: named },
    },
    // Synchronous: what a process said before it was killed must be there.
    pino.destination({ dest: destination, sync: true, append: true, mkdir: true, mode: 0o600 }),
  )
  const write = (at: 'debug' | 'info' | 'warn' | 'error') => (report: Report) => {
    if (logger.isLevelEnabled(at)) logger[at](fitting(report, child, secrets))
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

/** Reads a level from the environment's text; anything unknown is `info`. */
export const logLevel = (text: string | undefined): LogLevel =>
  LOG_LEVELS.find((level) => level === text?.toLowerCase()) ?? 'info'

const named = (label: string) => ({ level: label })

/** The report with its secrets taken out, shortened to fit into a line. */
const fitting = (report: Report, child: string, secrets: readonly string[]): Report => {
  const clean = redacted(report as unknown as JsonValue, secrets) as unknown as Report
  const room = MAX_LINE_BYTES - FRAME_BYTES - Buffer.byteLength(JSON.stringify(child))
  if (byteLength(clean) <= room) return clean
  const { detail: _, ...rest } = clean
  const short = Object.fromEntries(
    Object.entries(rest).map(([key, text]) => [key, shortened(text, MAX_REASON_CHARACTERS)]),
  ) as unknown as Report
  return { ...short, detail: '[too long for a log line]' }
}

/** Braces, time, level and the names of what pino adds. */
const FRAME_BYTES = 80

const shortened = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit - 1)}…`

const byteLength = (value: object): number => Buffer.byteLength(JSON.stringify(value))

const redacted = (value: JsonValue, secrets: readonly string[]): JsonValue => {
  if (typeof value === 'string')
    return withoutSecretShapes(secrets.reduce((text, secret) => without(text, secret), value))
  if (Array.isArray(value)) return value.map((member) => redacted(member, secrets))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      withoutSecretShapes(key),
      SECRET_KEY.test(key) ? REDACTED : redacted(member, secrets),
    ]),
  )
}

const without = (text: string, secret: string): string =>
  secret === '' ? text : text.replaceAll(secret, REDACTED)
