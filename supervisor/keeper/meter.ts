import type {
  MeteredUsage,
  MeterFile,
  MeterReading,
  MeterRule,
  TokenPrice,
} from '../../src/contracts/meter.ts'
import { createFileTally } from './file-tally.ts'
import { larger, NO_USAGE, plus, usageAt } from './metered-usage.ts'
import { hashAt, valueAt } from './value-at.ts'

/** How an agent is read, from its keeper's spec. */
export interface MeterSpec {
  readonly rules: readonly MeterRule[]
  readonly price: TokenPrice | null
  readonly files: readonly MeterFile[]
  readonly usedBefore: MeteredUsage | null
}

/** What a keeper knows of its agent by what that tells. Times on the monotonic clock. */
export interface Meter {
  /** As it is now. */
  readonly reading: MeterReading
  /** When the tool call that has been in flight longest began; null while none is. */
  readonly toolSinceMs: number | null
  /** What is left of `fuel`; null without a limit. */
  readonly fuel: number | null
  /** When the agent said that it was done. */
  readonly terminalMs: number | null
  /** One line of its stream. */
  read(line: string, nowMs: number): void
  /** One line of its stream was too long to be read: a call may have ended in it. */
  missLine(): void
  /** One line that stood in a file of its HOME before it was started. */
  knowFile(file: MeterFile, line: string): void
  /** One line of a file of its HOME. */
  readFile(file: MeterFile, line: string, nowMs: number): void
}

/** A novel result earns so much; a call spends one. */
const EARNED = 2
/** Results remembered; beyond it the oldest are forgotten, and would count as novel again. */
const MOST_SEEN = 10_000
/** Calls in flight at once; the oldest is taken to have ended. */
const MOST_CALLS = 1_000
/** For tools whose calls the stream does not tell apart. */
const ANY_CALL = ''

/** A meter that has read nothing yet. Lines that are no JSON object, or that no rule names, change nothing. */
export const createMeter = (
  { rules, price, files, usedBefore }: MeterSpec,
  fuelLimit: number | null,
): Meter => {
  const counts = { turns: 0, toolCalls: 0, novelResults: 0, terminal: null as MeterReading['terminal'] }
  let said: MeteredUsage = NO_USAGE
  const written = files.length === 0 ? null : createFileTally(price, usedBefore ?? NO_USAGE)
  const calls = new Map<string, { readonly sinceMs: number; readonly asked: string }>()
  const seen = new Set<string>()
  const state = { fuel: fuelLimit, terminalMs: null as number | null, missed: false }

  const begin = (id: string, nowMs: number, asked: string): void => {
    counts.toolCalls += 1
    calls.set(id, { sinceMs: nowMs, asked })
    if (calls.size > MOST_CALLS) calls.delete(calls.keys().next().value as string)
    if (state.fuel !== null) state.fuel -= 1
  }
  const end = (id: string, told: string): void => {
    const result = `${calls.get(id)?.asked}${told}`
    calls.delete(id)
    if (seen.has(result)) return
    seen.add(result)
    if (seen.size > MOST_SEEN) seen.delete(seen.values().next().value as string)
    counts.novelResults += 1
    if (state.fuel !== null) state.fuel = Math.min(fuelLimit ?? 0, state.fuel + EARNED)
  }
  /** Who goes on to another call may have ended those in flight where nobody saw it. */
  const endMissed = (): void => {
    if (state.missed) calls.clear()
    state.missed = false
  }
  const tool = (rule: NonNullable<MeterRule['tool']>, event: unknown, nowMs: number): void => {
    const id = rule.id === null ? ANY_CALL : hashAt(event, [rule.id])
    const hash = hashAt(event, rule.novelty)
    if (rule.at === 'start') {
      endMissed()
      begin(id, nowMs, hash)
    }
    // A stream may tell only of ends: such a call began and ended now.
    else {
      if (!calls.has(id)) begin(id, nowMs, '')
      end(id, hash)
      endMissed()
    }
  }

  return {
    get reading() {
      return { ...(written === null ? said : larger(said, written.total)), ...counts }
    },
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
      if (rule.turn) counts.turns += 1
      if (rule.tool !== null) for (const call of callsIn(rule.tool, event)) tool(rule.tool, call, nowMs)
      if (rule.usage !== null)
        said = plus(rule.usage.cumulative ? NO_USAGE : said, usageAt(event, rule.usage, price))
      if (rule.terminal !== null) {
        counts.terminal = rule.terminal
        state.terminalMs = nowMs
      }
    },
    missLine: () => {
      state.missed = true
    },
    knowFile: (file, line) => {
      const event = parsed(line)
      if (event !== null && holds(file.when, event)) written?.know(file, event)
    },
    readFile: (file, line, nowMs) => {
      const event = parsed(line)
      if (event !== null && holds(file.when, event)) written?.count(file, event, nowMs)
    },
  }
}

/** What tells of a call each: the event itself, or the elements of a list in it. */
const callsIn = ({ each }: NonNullable<MeterRule['tool']>, event: unknown): readonly unknown[] => {
  if (each == null) return [event]
  const list = valueAt(event, each.of)
  return Array.isArray(list) ? list.filter((element) => holds(each.when, element)) : []
}

const holds = (when: MeterRule['when'], event: unknown): boolean =>
  Object.entries(when).every(([path, value]) => valueAt(event, path) === value)

const parsed = (line: string): unknown => {
  if (!line.startsWith('{')) return null
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
