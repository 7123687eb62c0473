import { hostname } from 'node:os'
import { createBell } from '../../../supervisor/child-side/bell.ts'
import type { ChildContext } from '../../../supervisor/child-side/read-child-context.ts'
import { runWorkLoop } from '../../../supervisor/child-side/work-loop.ts'
import { controlPath } from '../../../supervisor/control-file.ts'
import { localBoard } from '../../board/local-board.ts'
import { createLedger } from '../../budget/ledger.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import type { LaneName } from '../../contracts/lane-name.ts'
import type { Owner } from '../../contracts/store.ts'
import type { Host } from '../../durable/host.ts'
import { createHostOnDemand } from '../../durable/host-on-demand.ts'
import { JournalBusyError } from '../../durable/store.ts'
import type { RunAgentPorts } from '../../effects/run-agent.ts'
import { systemClock } from '../../platform/clock.ts'
import { selfIdentity } from '../../platform/process-identity.ts'
import { ringDoorbell } from '../../platform/ring-doorbell.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { keeperPort } from '../compose/keeper-port.ts'
import { openJournal } from '../compose/open-journal.ts'
import { openLaneStream } from './lane-stream.ts'
import { createLaneTurn } from './lane-turn.ts'

/** How often a lane looks for work and at its supervisor when nobody rings, whatever its poll interval. */
const LONGEST_REST_MS = 5_000

export interface LaneOptions {
  readonly lane: LaneName
  readonly child: ChildContext
  readonly manifest: CompiledManifest
}

/** Serves one lane until it is told to end: its host, its board and its watcher in one loop. */
export const serveLane = async ({ lane, child, manifest }: LaneOptions): Promise<void> => {
  const clock = systemClock
  const { layout } = child
  const log = createLogger({ destination: 2, level: 'info', child: child.child, wallMs: clock.wallMs })
  const bell = createBell(clock)
  const owner: Owner = { incarnation: child.incarnation, host: hostname(), identity: selfIdentity() }
  const store = await openJournal(layout, clock)
  const keepers = keeperPort(layout, owner, clock)
  const board = localBoard(store)
  const ledger = createLedger({ store, rules: manifest, clock, writer: owner.incarnation })
  let programs: Promise<RunAgentPorts['programOf']> | null = null
  const programOf: RunAgentPorts['programOf'] = async (agent, type) => {
    programs ??= import('../compose/pinned-programs.ts').then(({ pinnedPrograms }) =>
      pinnedPrograms({
        layout,
        owner: { owner: owner.incarnation, registrationsDir: layout.registrations },
      }),
    )
    return (await programs)(agent, type)
  }
  const stream = await openLaneStream(store, lane, owner.incarnation)
  const makeHost = async (): Promise<Host> => {
    const { createLaneHost } = await import('./lane-host.ts')
    return createLaneHost({
      ...{ lane, manifest, layout, clock, store, owner, keepers, board, ledger, programOf },
      wake: (queue) => (queue === lane ? bell.ring('host') : ringDoorbell(layout.doorbell(queue))),
      onTurn: (turn) => {
        stream.noteTurn()
        ringDoorbell(layout.doorbell('supervisor'))
        log.info({ task: turn.actor, event: turn.event, outcome: JSON.stringify(turn.value) })
      },
      report: ({ kind, actor, subject, reason }) =>
        log.warn({ task: actor, event: kind, outcome: subject ?? '', reason }),
    })
  }
  let isPreloaded = false
  const host = createHostOnDemand({ store, queue: lane, make: makeHost })
  const turn = createLaneTurn({
    lane,
    child,
    manifest,
    clock,
    store,
    board,
    ledger,
    host,
    keepers,
    programOf,
    stream,
    log,
  })
  /** Somebody holds the journal: what could not be written waits in memory, and the loop goes on turning. */
  const blocked = (error: unknown) => {
    if (!(error instanceof JournalBusyError)) throw error
    log.warn({ event: 'journal_blocked', outcome: 'tried again', reason: error.message })
    const detail = 'waits for the journal'
    return { doing: 'working' as const, detail, progress: stream.progress(), wakeInMs: 0, done: false }
  }
  process.on('SIGTERM', () => {
    turn.requestStop()
    bell.ring('signal')
  })
  try {
    await runWorkLoop({
      context: child,
      clock,
      heartbeatEveryMs: manifest.supervision.heartbeatEveryMs,
      bell,
      watch: [layout.doorbell(lane), controlPath(layout)],
      head: stream.head,
      turn: async (_wake, hands) => {
        const report = await turn.take(hands).catch(blocked)
        // Ready first. Loaded behind the first turn, so that nobody waits for it when work comes; whoever needs it hears of a failure.
        if (!isPreloaded) void import('./lane-host.ts').catch(() => {})
        isPreloaded = true
        return { ...report, wakeInMs: Math.min(report.wakeInMs, LONGEST_REST_MS) }
      },
      onLongTurn: (ms, wake) => log.warn({ event: 'long_turn', outcome: `${ms} ms`, reason: wake.why }),
    })
  } finally {
    await store.close()
  }
}
