import { createHash } from 'node:crypto'
import type { MeterReading, MeterRule, TokenPrice } from '../../src/contracts/meter.ts'

/** How an agent's stream is read, from its keeper's spec. */
export interface MeterSpec {
  readonly rules: readonly MeterRule[]
  readonly price: TokenPrice | null
}

/** What a keeper knows of its agent from the stream alone. Times on the monotonic clock. */
export interface Meter {
  readonly reading: MeterReading
  /** When the tool call that has been in flight longest began; null while none is. */
  readonly toolSinceMs: number | null
  /** What is left of `fuel`; null without a limit. */
  readonly fuel: number | null
  /** When the agent said that it was done. */
  readonly terminalMs: number | null
  read(line: string, nowMs: number): void
}

/** A novel result earns so much; a call spends one. */
const EARNED = 2
/** Results remembered; beyond it the oldest are forgotten, and would count as novel again. */
const MOST_SEEN = 10_000
/** Of each value that makes a result new, only so much is looked at. */
const NOVELTY_CHARS = 100_000
/** For tools whose calls the stream does not tell apart. */
const ANY_CALL = ''

/** A meter that has read nothing yet. Lines that are no JSON object, or that no rule names, change nothing. */
export const createMeter = ({ rules, price }: MeterSpec, fuelLimit: number | null): Meter => {
  const reading = { ...ZERO }
  const calls = new Map<string, { readonly sinceMs: number; readonly asked: string }>()
  const seen = new Set<string>()
  const state = { fuel: fuelLimit, terminalMs: null as number | null }

  const begin = (id: string, nowMs: number, asked: string): void => {
    reading.toolCalls += 1
    calls.set(id, { sinceMs: nowMs, asked })
    if (state.fuel !== null) state.fuel -= 1
  }
  const end = (id: string, told: string): void => {
    const result = `${calls.get(id)?.asked}${told}`
    calls.delete(id)
    if (seen.has(result)) return
    seen.add(result)
    if (seen.size > MOST_SEEN) seen.delete(seen.values().next().value as string)
    reading.novelResults += 1
    if (state.fuel !== null) state.fuel = Math.min(fuelLimit ?? 0, state.fuel + EARNED)
  }
  const tool = (rule: NonNullable<MeterRule['tool']>, event: unknown, nowMs: number): void => {
    const id = rule.id === null ? ANY_CALL : String(at(event, rule.id))
    const hash = hashOf(rule.novelty.map((path) => at(event, path)))
    if (rule.at === 'start') begin(id, nowMs, hash)
    // A stream may tell only of ends: such a call began and ended now.
    else {
      if (!calls.has(id)) begin(id, nowMs, '')
      end(id, hash)
    }
  }

  return {
    reading,
    get toolSinceMs() {
      return calls.size === 0 ? null : Math.min(...[...calls.values()].map(({ sinceMs }) => sinceMs))
    },
    get fuel() {
      return state.fuel
    },
    get terminalMs() {
      return state.terminalMs
    },
    read: (line, nowMs) => {
      const event = parsed(line)
      const rule = event === null ? undefined : rules.find(({ when }) => holds(when, event))
      if (rule === undefined) return
      if (rule.turn) reading.turns += 1
      if (rule.tool !== null) tool(rule.tool, event, nowMs)
      if (rule.usage !== null) count(reading, rule.usage, event, price)
      if (rule.terminal !== null) {
        reading.terminal = rule.terminal
        state.terminalMs = nowMs
      }
    },
  }
}

type Reading = { -readonly [Key in keyof MeterReading]: MeterReading[Key] }

const ZERO: Reading = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  usd: 0,
  turns: 0,
  toolCalls: 0,
  novelResults: 0,
  terminal: null,
}

/** Adds one event's usage, or puts it in place of what was counted; dollars as told, else by the price. Cached tokens are part of the input. */
const count = (
  reading: Reading,
  usage: NonNullable<MeterRule['usage']>,
  event: unknown,
  price: TokenPrice | null,
): void => {
  const input = sum(event, usage.input)
  const cached = sum(event, usage.cachedInput)
  const output = sum(event, usage.output)
  const priced =
    price === null
      ? 0
      : ((input - cached) * price.inputUsd + cached * price.cachedInputUsd + output * price.outputUsd) /
        1_000_000
  // Zero is what agents tell of a model whose price they do not know.
  const told = usage.usd === null ? 0 : number(at(event, usage.usd))
  const usd = told > 0 ? told : priced
  const before = usage.cumulative ? ZERO : reading
  reading.inputTokens = before.inputTokens + input
  reading.cachedInputTokens = before.cachedInputTokens + cached
  reading.outputTokens = before.outputTokens + output
  reading.usd = before.usd + usd
}

const sum = (event: unknown, paths: readonly string[]): number =>
  paths.reduce((total, path) => total + Math.round(number(at(event, path))), 0)

const number = (value: unknown): number => (typeof value === 'number' && value >= 0 ? value : 0)

const holds = (when: MeterRule['when'], event: unknown): boolean =>
  Object.entries(when).every(([path, value]) => at(event, path) === value)

/** The value at a path; undefined where there is none. */
const at = (event: unknown, path: string): unknown => {
  let value = event
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

const hashOf = (values: readonly unknown[]): string => {
  const hash = createHash('sha256')
  for (const value of values) hash.update(`${JSON.stringify(value)?.slice(0, NOVELTY_CHARS)}\n`)
  return hash.digest('base64')
}

const parsed = (line: string): unknown => {
  if (!line.startsWith('{')) return null
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
