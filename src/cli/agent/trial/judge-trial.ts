import type { AgentCapabilities } from '../../../agents/agent-type.ts'
import type { RunResult } from '../../../platform/run-registered.ts'
import { MOST_OUTPUT_BYTES } from '../run-program.ts'
import type { SeenRun } from './run-candidate.ts'
import type { Served } from './trial-server.ts'
import type { TokenCounts } from './wires/wire.ts'

/** What was to be seen of a conversation beside its run. */
export interface Conversation extends SeenRun {
  /** What the model asked to have written: nothing, where it knew no tool for that. */
  readonly edit: 'not_asked' | 'missing' | 'done'
}

/** One row: what was seen, and what is said of it. The first that holds decides. */
interface Row<Seen> {
  readonly when: (seen: Seen) => boolean
  readonly says: (seen: Seen) => string
}

/** Any run: it has to come as far as its model without anybody's help, and must not flood us. */
const STARTS: readonly Row<SeenRun>[] = [
  {
    when: ({ ran }) => ran.overflowed,
    says: ({ ran }) => `it wrote more than ${MOST_OUTPUT_BYTES / 2 ** 20} MiB${lastWords(ran)}`,
  },
  {
    when: ({ ran, asked }) => ran.timedOut && asked === 0,
    says: ({ ran, withinMs }) =>
      `it asked its model nothing within ${withinMs / 1000} s; it may wait for somebody to trust its folder, or to log in${lastWords(ran)}`,
  },
  {
    when: ({ asked }) => asked === 0,
    says: ({ ran }) => `it ended with ${ending(ran)} before it asked its model${lastWords(ran)}`,
  },
]

const REFUSED: readonly Row<SeenRun & { readonly terminalEvent: boolean }>[] = [
  ...STARTS,
  {
    when: ({ ran }) => ran.timedOut,
    says: ({ withinMs }) => `refused by its model's service, it did not end within ${withinMs / 1000} s`,
  },
  {
    when: ({ judged, terminalEvent }) => judged.success && terminalEvent,
    says: () => 'it called a run a success whose model refused every request',
  },
]

const CONVERSES: readonly Row<Conversation>[] = [
  ...STARTS,
  {
    when: ({ served }) => served.length === 0,
    says: ({ ran }) =>
      `it never asked its model in a format that is known of its type and with its tools, and ended with ${ending(ran)}${lastWords(ran)}`,
  },
  {
    when: ({ ran }) => ran.timedOut,
    says: ({ withinMs }) => `answered by its model, it did not end within ${withinMs / 1000} s`,
  },
  {
    when: ({ judged }) => !judged.success,
    says: ({ ran, judged }) =>
      `its model answered, and it did not end as a success: ${judged.failure?.reason ?? `exit ${ending(ran)}${lastWords(ran)}`}`,
  },
  {
    when: ({ ran }) => ran.exitCode !== 0,
    says: ({ ran }) => `it said that all went well, and ended with ${ending(ran)}${lastWords(ran)}`,
  },
  {
    when: ({ edit }) => edit === 'missing',
    says: () => 'its model asked it to write a file, and it wrote none',
  },
]

/** Why a program must not be used whose model refused it; null where nothing speaks against it. */
export const refusalHindrance = (seen: SeenRun, { terminalEvent }: AgentCapabilities): string | null =>
  firstOf(REFUSED, { ...seen, terminalEvent })

/** Why a program must not be used whose model answered it; null where nothing speaks against it. */
export const conversationHindrance = (seen: Conversation, { usage }: AgentCapabilities): string | null =>
  firstOf(CONVERSES, seen) ?? (usage === 'none' ? null : wrongUsage(seen, sumOf(seen.served)))

/**
 * Why sessions of a program cannot be gone on with; null where they can.
 * @param words what was said in the first conversation, by either side: the model has to be told it again.
 */
export const brokenSession = (
  first: Conversation,
  again: Conversation,
  { usage, usageOfSession }: AgentCapabilities,
  words: readonly string[],
): string | null => {
  const failed = firstOf(CONVERSES, again)
  if (failed !== null) return failed
  const request = again.served.at(-1)?.body ?? ''
  if (!words.every((word) => request.includes(word))) return 'its model was not told what was said before'
  const counted = usageOfSession === true ? [...first.served, ...again.served] : again.served
  return usage === 'none' ? null : wrongUsage(again, sumOf(counted))
}

const firstOf = <Seen>(rows: readonly Row<Seen>[], seen: Seen): string | null =>
  rows.find(({ when }) => when(seen))?.says(seen) ?? null

/** What it tells in the end, and what a keeper counts meanwhile; dollars are not compared, as prices are not known. */
const wrongUsage = ({ judged, metered }: SeenRun, counted: TokenCounts): string | null => {
  const { usage } = judged
  if (usage === null) return 'it tells no usage'
  const told = { input: usage.inputTokens, cachedInput: usage.cachedInputTokens, output: usage.outputTokens }
  if (!isSame(told, counted))
    return `its usage is wrong: it tells ${inWords(told)} where its model counted ${inWords(counted)}`
  if (metered === null || isSame(metered, counted)) return null
  return `its usage is wrong while it runs: its stream tells ${inWords(metered)} where its model counted ${inWords(counted)}`
}

const sumOf = (served: readonly Served[]): TokenCounts => {
  const sum = (name: keyof TokenCounts): number => served.reduce((total, { usage }) => total + usage[name], 0)
  return { input: sum('input'), cachedInput: sum('cachedInput'), output: sum('output') }
}

const isSame = (one: TokenCounts, other: TokenCounts): boolean =>
  one.input === other.input && one.cachedInput === other.cachedInput && one.output === other.output

const inWords = ({ input, cachedInput, output }: TokenCounts): string =>
  `${input} tokens in (${cachedInput} of them cached) and ${output} out`

const ending = ({ exitCode, signal }: RunResult): string => String(exitCode ?? signal)

const lastWords = ({ stderr, stdout }: RunResult): string => {
  // Of a program that was ended the shell around it says so; that is not its own word.
  const own = stderr.replace(/^Terminated\s*$/m, '').trim()
  const line = (own || stdout.trim()).split('\n').at(-1) ?? ''
  return line === '' ? '' : `: ${line.slice(0, 300)}`
}
