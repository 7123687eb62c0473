/**
 * The one loop of a child of ours. Each round it waits for an event, a question of the supervisor or a deadline, hands
 * the first and the last to one short turn, and stamps. Heartbeats and answers are written between turns and nowhere
 * else: a turn that hangs silences both, and that silence is what the supervisor must see.
 */
import type { Instant } from '../../src/contracts/instant.ts'
import type { Heartbeat, StreamHead } from '../../src/contracts/liveness.ts'
import type { Clock } from '../../src/platform/clock.ts'
import { plusMs } from '../../src/platform/instant-math.ts'
import { createProbeAnswerer } from './answer-probe.ts'
import type { Bell } from './bell.ts'
import type { ChildContext } from './read-child-context.ts'
import { type Stamp, stampHeartbeat } from './stamp-heartbeat.ts'
import { watchFile } from './watch-file.ts'

/** Why a turn begins: who rang (doorbells by their path), or that the time it asked for has come. */
export type Wake =
  | { readonly why: 'event'; readonly sources: readonly string[] }
  | { readonly why: 'deadline' }

/** What a turn leaves behind. */
export interface TurnReport extends Pick<Heartbeat, 'doing' | 'detail' | 'progress'> {
  /** The next turn is wanted after this time, in ms, even if nobody rings; null: only when somebody does. */
  readonly wakeInMs: number | null
  /** True ends the loop. */
  readonly done: boolean
}

/** What a turn may use. */
export interface TurnHands {
  /**
   * Says that this turn will take longer than a turn may, and until when at most; stamped at once.
   * @throws RangeError beyond 20 minutes: work of that length belongs in a process of its own.
   */
  declareBusy(forMs: number, detail: string): void
}

interface WorkLoopOptions {
  readonly context: ChildContext
  readonly clock: Clock
  readonly heartbeatEveryMs: number
  /** Rung by whatever happens inside this process: signals, settled effects. */
  readonly bell: Bell
  /** Files whose change is an event: doorbells, the supervisor's control file. */
  readonly watch: readonly string[]
  /** The last event this incarnation committed, for its answers. */
  readonly head: () => StreamHead
  readonly turn: (wake: Wake, hands: TurnHands) => Promise<TurnReport>
  /** Told of every turn that took longer than TURN_BUDGET_MS without having declared it. */
  readonly onLongTurn: (ms: number, wake: Wake) => void
}

/** How long a turn may take. */
const TURN_BUDGET_MS = 1_000
/** How late a mere detail may be stamped, in ms: short turns follow each other faster than anybody reads. */
const DETAIL_WITHIN_MS = 100
/** How long a declared turn may take. */
export const LONGEST_BUSY_MS = 20 * 60_000

/** Rings when the supervisor asks something; answered here, never handed to a turn. */
const CHALLENGE = 'challenge'

/** Runs until a turn says it is done. A turn that throws ends the loop with its error: the supervisor starts us afresh. */
export const runWorkLoop = async (options: WorkLoopOptions): Promise<void> => {
  const { context, clock, bell } = options
  const answer = createProbeAnswerer(context, clock, options.head)
  const unwatch = [
    watchFile(context.layout.challenge(context.child), clock, () => bell.ring(CHALLENGE)),
    ...options.watch.map((path) => watchFile(path, clock, () => bell.ring(path))),
  ]
  const stamper = createStamper(options)
  try {
    let wake: Wake = { why: 'event', sources: ['start'] }
    for (;;) {
      const report = await takeTurn(options, stamper, wake)
      if (report.done) return
      wake = await waitForWake(options, stamper, answer, report.wakeInMs)
    }
  } finally {
    for (const close of unwatch) close()
  }
}

/** One turn, measured. */
const takeTurn = async (options: WorkLoopOptions, stamper: Stamper, wake: Wake): Promise<TurnReport> => {
  const { clock } = options
  const beganMs = clock.monoMs()
  let declared = false
  const report = await options.turn(wake, {
    declareBusy: (forMs, detail) => {
      if (!(forMs <= LONGEST_BUSY_MS)) {
        throw new RangeError(
          `declareBusy: ${forMs} ms is more than the ${LONGEST_BUSY_MS} ms that one turn may take`,
        )
      }
      declared = true
      stamper.busy(plusMs(clock.now(), forMs), detail)
    },
  })
  const tookMs = clock.monoMs() - beganMs
  if (tookMs > TURN_BUDGET_MS && !declared) options.onLongTurn(tookMs, wake)
  stamper.turned(report)
  return report
}

/** Between turns: answers and stamps as often as it must, until there is a reason for a turn. */
const waitForWake = async (
  { clock, bell }: WorkLoopOptions,
  stamper: Stamper,
  answer: () => unknown,
  wakeInMs: number | null,
): Promise<Wake> => {
  const deadlineMs = wakeInMs === null ? null : clock.monoMs() + wakeInMs
  for (;;) {
    answer()
    stamper.keepFresh()
    const leftMs = deadlineMs === null ? null : deadlineMs - clock.monoMs()
    const sources = await bell.next(leftMs === null ? stamper.dueInMs() : Math.min(leftMs, stamper.dueInMs()))
    const events = sources.filter((source) => source !== CHALLENGE)
    if (events.length > 0) return { why: 'event', sources: events }
    if (deadlineMs !== null && clock.monoMs() >= deadlineMs) return { why: 'deadline' }
  }
}

interface Stamper {
  busy(until: Instant, detail: string): void
  turned(report: TurnReport): void
  keepFresh(): void
  dueInMs(): number
}

/**
 * Stamps at once when what it does changes, soon when only the detail does, and else once a period: a hundred turns a
 * second need no hundred files.
 */
const createStamper = ({ context, clock, heartbeatEveryMs }: WorkLoopOptions): Stamper => {
  let last: Stamp = { turn: 0, doing: 'working', detail: 'starting', busyUntil: null, progress: null }
  let stampedMs = Number.NEGATIVE_INFINITY
  let isDetailNew = false
  const stamp = (next: Stamp): void => {
    last = next
    stampedMs = clock.monoMs()
    isDetailNew = false
    stampHeartbeat(context, clock, next)
  }
  const dueMs = (): number =>
    stampedMs + (isDetailNew ? Math.min(DETAIL_WITHIN_MS, heartbeatEveryMs) : heartbeatEveryMs)
  const isDue = (): boolean => clock.monoMs() >= dueMs()
  return {
    busy: (busyUntil, detail) => stamp({ ...last, doing: 'working', detail, busyUntil }),
    turned: ({ doing, detail, progress }) => {
      const next = { turn: last.turn + 1, doing, detail, busyUntil: null, progress }
      isDetailNew ||= detail !== last.detail
      if (isDue() || doing !== last.doing || last.busyUntil !== null) stamp(next)
      else last = next
    },
    keepFresh: () => {
      if (isDue()) stamp(last)
    },
    dueInMs: () => Math.max(0, dueMs() - clock.monoMs()),
  }
}
