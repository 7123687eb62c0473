/**
 * The supervisor: a plain TypeScript loop that holds one state machine per child and one of its own, turns facts into
 * events and carries out the intents that come back. The machines are the flow (machines/live); what they are told is
 * decided by pure functions (decide/); this file wires them to the world.
 *
 * Semantics, as OTP's supervisor has them unless said otherwise:
 *
 * | term | meaning |
 * |---|---|
 * | restart | `always`: after every exit, exit 0 too. `on-failure`: after an exit code outside `successExit` or a signal. `never`: not even when a sibling took it down |
 * | wanted, actual | kept apart. Wanted is up, paused (leave it, start nothing) or down; a stop during start, back-off or restart is never lost |
 * | order | within a group left to right, equal orders together; the next waits until the one before has been ready once. Stopped right to left |
 * | strategy | `one_for_one` only the dead child; `one_for_all` its whole group; `rest_for_one` those started after it. Siblings go down first, then all come back in order |
 * | limit | per child: more than `max` unintended deaths within the window, which is never shorter than the back-off inside it. Per group: only when three distinct children share in them (OTP: one budget per supervisor) |
 * | back-off | the first restart at once, then geometric from min to max with full jitter; reset by `resetAfterMs` of being ready, never by waiting |
 * | at the limit | `quarantine`: loud, with one action for a person, tried again every `quarantineRetryMs`; the first failure leads straight back. `escalate`: the same, and `onEscalate` is called |
 * | intended exits | carry their intent (stop, restart, sibling) and count against nothing |
 * | ready | spawned is not ready. A child that is not ready in time is ended and counts as failed; liveness is asked only of ready children |
 * | liveness | only proved dead or proved hung permits an end (decide/decide-liveness.ts); unproven permits asking again |
 * | hung | diagnose → doctor → resume (recovery/), bounded by count and time, the doctor by a deadline; an unknown or repeated diagnosis leads to quarantine |
 * | our own death | children live on with stdio in files. The next supervisor adopts those whose identity and spec are proved, ends the rest before it starts anything in their place |
 * | pause | outlives us as well: whoever comes after a death stays paused until `unpause`; a clean stop ends it |
 * | our own sleep | after a suspend or a gap in our ticks every child gets one fresh period |
 * | stop | groups in reverse order, each child its signal and grace, then SIGKILL to its group and a sweep by mark; one deadline for all; a second stop kills |
 * | reload | by spec hash: added starts, removed is drained and ended, changed restarts at its next idle point, nobody else is touched |
 * | significant | OTP's `significant` children and `auto_shutdown` are not adopted: a tree ends when a person, a signal or `--until-idle` ends it |
 * | reports | every decision is appended to supervisor.ndjson before it is carried out, and journaled behind; deaths.ndjson is what limits count |
 *
 * What it cannot do: watch itself. A hang of this process stops everything here, so children do their work in processes of
 * their own and an outer keeper (systemd's watchdog) watches this one.
 */
import { mkdirSync } from 'node:fs'
import { createActor, type SnapshotFrom } from 'xstate'
import {
  type SupervisorEvent,
  type SupervisorIntent,
  supervisorMachine,
} from '../machines/live/supervisor.machine.ts'
import type { Attention } from '../src/contracts/status.ts'
import { systemClock } from '../src/platform/clock.ts'
import { selfIdentity } from '../src/platform/process-identity.ts'
import { newId, randomHex } from '../src/platform/random.ts'
import { tryWrite } from '../src/platform/try-write.ts'
import { watchPaths } from '../src/platform/watch.ts'
import { adoptSurvivors } from './adopt-survivors.ts'
import { childAttention, childRecord } from './child-record.ts'
import type { ChildShell } from './child-shell.ts'
import { createChildren } from './children.ts'
import { readControl, writeControl } from './control-file.ts'
import { openDeathTally } from './death-tally.ts'
import { decideDesired, type TreePhase, type Wanted } from './decide/decide-desired.ts'
import { createLoadReader, watchHost } from './host-load.ts'
import { createJournalWatch } from './journal-watch.ts'
import { createReloads } from './reloads.ts'
import { logAttention, openReportLog } from './report-log.ts'
import { serveRequests } from './serve-requests.ts'
import { createShutdown } from './shutdown.ts'
import { checkSpecs } from './spec-hash.ts'
import type { Supervisor, SupervisorOptions } from './supervisor-api.ts'
import { takeSupervisorLock } from './supervisor-lock.ts'
import { createTickLoop } from './tick-loop.ts'
import type { Tree } from './tree.ts'

/**
 * Creates a supervisor over a state folder. Nothing is started before `start()`.
 * @throws Error naming the child when a spec is not valid or an id appears twice.
 */
export const createSupervisor = (options: SupervisorOptions): Supervisor => {
  const { layout } = options
  const clock = options.clock ?? systemClock
  const incarnation = options.incarnation ?? newId('inc')
  const identity = selfIdentity()
  const startedAt = clock.now()
  const specs = checkSpecs(options.specs)
  const { root, registrations, heartbeats, probes, logs, requests } = layout
  for (const dir of [root, registrations, heartbeats, probes, logs, requests])
    mkdirSync(dir, { recursive: true, mode: 0o700 })
  const journal = options.journal ?? null
  const log = openReportLog({
    ...{ path: layout.supervisorLog, clock, supervisor: incarnation, journal },
    changed: () => changed(),
  })
  const load = createLoadReader(options.host ?? watchHost(), clock)
  const actor = createActor(supervisorMachine)
  const children = createChildren()
  const listeners = new Set<() => void>()
  /** What the last look at all children came to, and whether one of them has changed since. */
  let next = { dueMs: Number.NEGATIVE_INFINITY, closestMs: 0 }
  let hasChanged = true
  /** The disk did not take what the children are to read. */
  let isUntold = false
  let freshSinceMs = clock.monoMs()
  let drainSinceMs = 0

  const phase = (): TreePhase => actor.getSnapshot().value
  const shells = (): ChildShell[] => [...children.shells.values()]
  /** Nothing is asked of a supervisor that has stopped. */
  const tell = (event: SupervisorEvent): void => {
    if (phase() !== 'stopped') actor.send(event)
  }
  const changed = (): void => {
    hasChanged = true
    for (const listener of listeners) listener()
  }

  const tree: Tree = {
    layout,
    clock,
    incarnation,
    recovery: options.recovery ?? { max: 3, withinMs: 3_600_000 },
    tally: openDeathTally(layout.deaths, clock),
    jitter: options.jitter ?? (() => Number.parseInt(randomHex(4), 16) / 2 ** 32),
    roleOf: options.roleOf ?? (({ group }) => (group === 'lanes' ? 'lane' : 'service')),
    readHead: options.readHead ?? (() => null),
    report: (input) => void log.report(input),
    groupOf: children.groupOf,
    placeOf: children.placeOf,
    membersOf: children.membersOf,
    blockerOf: children.blockerOf,
    graceLeftMs: ({ probe, heartbeat }) =>
      Math.max(0, freshSinceMs + Math.max(probe.everyMs, heartbeat.everyMs) - clock.monoMs()),
    load,
    isDraining: (id) => phase() === 'draining' || reloads.isRemoved(id),
    siblingsOf: (id) => {
      if (decideDesired(phase(), false) !== 'down') void children.takeDownSiblings(id).then(() => loop.wake())
    },
    dueMonoMsOf: (id) => children.shells.get(id)?.context.dueMonoMs ?? null,
    escalate: (subject, reason) => {
      log.report({
        context: 'escalated',
        child: subject,
        reason,
        decision: 'tell whoever answers for the tree',
      })
      options.onEscalate?.(subject, reason)
    },
    changed,
    wake: () => loop.wake(),
  }
  const reloads = createReloads(tree, children, specs)
  const journalWatch = createJournalWatch({ path: layout.journal, clock, report: tree.report, changed })
  const wantedOf = (id: string): Wanted => decideDesired(phase(), reloads.isRemoved(id))

  const loop = createTickLoop({
    clock,
    maxMs: options.tickMs ?? 1_000,
    look: (isAsked, lateMs) => {
      serveRequests(layout, clock, startedAt, supervisor)
      reloads.step()
      if (isUntold) tellChildren()
      journalWatch.look()
      load(lateMs)
      // Most of our ticks find nothing due: they need not go over hundreds of children to see that.
      if (isAsked || hasChanged || clock.monoMs() >= next.dueMs) {
        hasChanged = false
        next = children.look(wantedOf, clock.monoMs())
      }
      if (phase() === 'draining' && shells().every((shell) => shell.isDrained(drainSinceMs)))
        tell({ type: 'DRAINED' })
      options.onTurn?.()
      return next
    },
    gap: (kind, ms) => {
      const reason = `${kind === 'suspended' ? 'the host slept' : 'we did not run'} for ${Math.round(ms)} ms`
      log.report({ context: 'suspend_detected', reason, decision: 'one fresh period for every child' })
      freshSinceMs = clock.monoMs()
      for (const shell of shells()) shell.startOver()
    },
  })

  const shutdown = createShutdown(tree, {
    actor,
    shells,
    log,
    withinMs: options.stopWithinMs ?? null,
    isHeld: () => lock !== null,
    release: async () => {
      loop.close()
      await watched?.close()
      changed()
      await options.beforeRelease?.()
      lock?.release()
    },
  })

  /** What they read between turns. Where the disk takes nothing it is told at the next tick. */
  const tellChildren = (): void => {
    const refusal = tryWrite(() =>
      writeControl(layout, {
        at: clock.now(),
        supervisor: incarnation,
        mode: phase() === 'draining' ? 'drain' : MODES[decideDesired(phase(), false)],
        keepAgents: actor.getSnapshot().context.keepAgents,
        draining: reloads.leaving(),
      }),
    )
    isUntold = refusal !== null
  }

  const reconcile = (): void => {
    tellChildren()
    for (const shell of shells()) shell.want(wantedOf(shell.id))
    loop.wake()
  }

  const hands: Record<SupervisorIntent['type'], (intent: SupervisorIntent) => void> = {
    ADOPT: () => {
      shutdown.waitFor(adoptSurvivors(tree, children.shells))
      tell({ type: 'ADOPTION_DONE' })
    },
    RECONCILE: reconcile,
    DRAIN: () => {
      drainSinceMs = clock.monoMs()
    },
    END_ALL: (intent) => void shutdown.endAll(intent.type === 'END_ALL' && intent.force),
    RECORD_STOP: () => void shutdown.recordStop(),
  }

  let lock: { release(): void } | null = null
  let watched: ReturnType<typeof watchPaths> | null = null
  const supervisor: Supervisor = {
    incarnation,
    identity,
    startedAt,
    start: async () => {
      lock = takeSupervisorLock(layout, { incarnation, identity, at: startedAt })
      // A stop replaces it: a pause that still stands there has outlived its supervisor.
      const wasPaused = readControl(layout)?.mode === 'pause'
      log.report({
        context: 'supervisor_started',
        incarnation,
        reason: 'asked',
        decision: wasPaused ? 'adopt, then stay paused' : 'adopt, then start',
      })
      watched = watchPaths([requests], () => loop.wake())
      freshSinceMs = clock.monoMs()
      // Before anything else: children that read `run` in between would claim.
      if (wasPaused) tell({ type: 'PAUSE_ASKED', reason: 'as it was when its supervisor died' })
      tell({ type: 'BOOTED' })
      loop.tick()
    },
    reload: (fresh, groups) => {
      const diff = reloads.apply(fresh)
      if (groups !== undefined) children.regroup(groups)
      reconcile()
      return diff
    },
    stop: ({ drain = false, keepAgents = false, kill = false, reason = 'asked' } = {}) => {
      tell(kill ? { type: 'KILL_ASKED', reason } : { type: 'STOP_ASKED', drain, keepAgents, reason })
      return shutdown.stopped
    },
    pause: (reason = 'asked') => tell({ type: 'PAUSE_ASKED', reason }),
    unpause: (reason = 'asked') => tell({ type: 'UNPAUSE_ASKED', reason }),
    restartChild: (id, reason = 'asked') => {
      const chosen = shells().filter((shell) => id === null || shell.id === id)
      for (const shell of chosen.flatMap((one) => [one, ...children.waitingWith(one.id)]))
        shell.release(reason)
      return chosen.length > 0
    },
    tick: () => loop.tick(),
    phase,
    records: () => shells().map((shell) => childRecord(tree, shell)),
    attention: () => {
      const stuck = journalWatch.attention()
      return [
        ...pauseAttention(actor.getSnapshot()),
        ...shells().flatMap((shell) => childAttention(shell) ?? []),
        ...(stuck.length > 0 ? stuck : logAttention(log)),
      ]
    },
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stopped: shutdown.stopped,
  }

  children.regroup(options.groups ?? [])
  for (const spec of specs) children.add(tree, spec)
  actor.on('*', (intent) => hands[intent.type](intent))
  actor.subscribe({ next: changed, error: (error) => tree.escalate('supervisor', String(error)) })
  actor.start()
  return supervisor
}

/** The line a person gets while nothing is claimed or started; empty otherwise. */
const pauseAttention = ({ value, context }: SnapshotFrom<typeof supervisorMachine>): Attention[] =>
  value === 'paused'
    ? [
        {
          kind: 'paused',
          subject: 'supervisor',
          reason: `paused (${context.reason}): nothing is claimed, nothing started`,
          action: 'oc-supervise unpause',
        },
      ]
    : []

/** What children are told, by what is wanted of them. */
const MODES = { up: 'run', paused: 'pause', down: 'stop' } as const
