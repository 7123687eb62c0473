import type { Instant } from '../contracts/instant.ts'
import type { InboxRow, Owner } from '../contracts/store.ts'
import type { Clock } from '../platform/clock.ts'
import { ageMs } from '../platform/instant-math.ts'
import type { MachineDefinition } from './define-machine.ts'
import type { EffectDefinition } from './effect.ts'
import { createEffectRunner, type FinishedEffect } from './effect-runner.ts'
import { createHeldActors } from './held-actors.ts'
import type { HostReport } from './host-report.ts'
import { inboxRefusal } from './inbox-refusal.ts'
import { type LoadedActor, UnloadableActorError } from './load-actor.ts'
import { createRegistry } from './registry.ts'
import { drawStamp } from './stamp.ts'
import type { Store } from './store.ts'
import { inboxTurn, type PreparedTurn, resultTurn, startTurn, timerTurn } from './take-turn.ts'
import { createTurnCommitter } from './turn-committer.ts'

/** One committed turn, told to `onTurn` after the commit. */
export interface Turn {
  readonly actor: string
  readonly machine: string
  readonly seq: number
  /** The journaled event's type. */
  readonly event: string
  readonly status: 'active' | 'done' | 'refused'
  /** XState's state value after the turn. */
  readonly value: unknown
}

interface StepResult {
  /** True when something was done; call again at once. */
  readonly worked: boolean
  /** When the next timer of ours comes due; known only when nothing was done. */
  readonly nextTimer: Instant | null
}

export interface HostOptions {
  readonly store: Store
  readonly owner: Owner
  readonly queue: string
  readonly machines: readonly MachineDefinition[]
  readonly effects: readonly EffectDefinition[]
  readonly clock: Clock
  /** How long our leases last without renewal, in ms; matters only across hosts. @default 60000 */
  readonly leaseTtlMs?: number
  /** A hint that a queue has work: our own (an effect ended) or another's (a send). */
  readonly wake: (queue: string) => void
  readonly onTurn: (turn: Turn) => void
  readonly report: (report: HostReport) => void
  /** Ends the processes that a dead incarnation had registered. */
  readonly reap: (owner: Owner) => Promise<void>
}

interface RecoveryResult {
  readonly claimed: readonly string[]
  readonly reaped: readonly Owner[]
}

/** Runs the actors of one queue; see docs/architecture.md. Its methods are called one after another, never at once. */
export interface Host {
  /**
   * Reaps dead owners' processes, claims what they held and what nobody holds, and restarts unfinished effects,
   * reconciling each first. May be called again at any time.
   */
  recover(): Promise<RecoveryResult>
  /** At most one turn: one event, one commit. Never waits for an effect. */
  step(): Promise<StepResult>
  /** Effects in flight, waiting for another try, or with an outcome that is not committed yet. */
  running(): readonly { readonly id: string; readonly actor: string; readonly name: string }[]
  /** Ends effects with cause `shutdown`, commits the outcomes that came in, and gives the leases back. */
  stop(options: { readonly graceMs: number }): Promise<void>
}

const DEFAULT_LEASE_TTL_MS = 60_000

/**
 * Creates the host of one queue.
 * @throws Error when a machine asks for an effect that is not registered.
 */
export const createHost = (options: HostOptions): Host => {
  const { store, owner, queue, clock, report } = options
  const leaseTtlMs = options.leaseTtlMs ?? DEFAULT_LEASE_TTL_MS
  const registry = createRegistry(options.machines, options.effects)
  const held = createHeldActors({ store, owner, clock, machines: registry.machines })
  const runner = createEffectRunner({
    effects: registry.effects,
    clock,
    checkFence: (actor, token) => store.checkFence(actor, token),
    onFinished: () => options.wake(queue),
    onStale: (actor) => lose(actor, 'an effect found the lease taken over'),
    report,
  })
  const lose = (actor: string, reason: string): void => {
    held.lose(actor)
    runner.cancelActor(actor, 'stale')
    report({ kind: 'stale_owner', actor, subject: null, reason })
  }
  const commitTurn = createTurnCommitter({ ...options, held, runner, lose })
  /** Actors this code cannot run: given back, and not claimed again by this life. */
  const parked = new Set<string>()
  let renewedAt = clock.now()
  let isStopped = false

  const park = async (error: UnloadableActorError, actor: string): Promise<void> => {
    parked.add(actor)
    runner.cancelActor(actor, 'stale')
    await held.release(actor)
    report({ kind: 'unloadable', actor, subject: null, reason: error.message })
  }

  /** Runs `use` on a loaded actor; null where there is none or it cannot be loaded. */
  const withActor = async (actor: string, use: (loaded: LoadedActor) => Promise<void>): Promise<void> => {
    try {
      const loaded = await held.load(actor)
      if (loaded !== null) await use(loaded)
    } catch (error) {
      if (!(error instanceof UnloadableActorError)) throw error
      await park(error, actor)
    }
  }

  const startUnfinished = async (actor: string): Promise<void> => {
    const token = held.tokenOf(actor)
    if (token === null) return
    for (const effect of await store.unfinishedEffects(actor)) runner.start(effect, token, true)
  }

  const settle = async (finished: FinishedEffect): Promise<void> => {
    const { effect, outcome } = finished
    if (held.tokenOf(effect.actor) === null) return runner.forget(effect.id)
    await withActor(effect.actor, async (actor) => {
      // The fence: XState knows only its own ids, which a re-entered state uses again.
      if (!actor.effects.some((row) => row.id === effect.id)) {
        runner.forget(effect.id)
        return report({
          kind: 'late_result',
          actor: actor.id,
          subject: effect.id,
          reason: 'it was cancelled',
        })
      }
      const isCommitted = await commitTurn(resultTurn(actor, finished, drawStamp(clock), registry))
      if (!isCommitted && held.tokenOf(actor.id) !== null) return runner.putBack(finished)
      runner.forget(effect.id)
      if (!outcome.ok && effect.invokeId === null)
        report({ kind: 'effect_failed', actor: actor.id, subject: effect.id, reason: outcome.failure.reason })
    })
  }

  const discard = async (row: InboxRow, reason: string): Promise<void> => {
    await store.discard(row.id, reason, owner.incarnation)
    report({
      kind: 'discarded',
      actor: row.actor,
      subject: row.id,
      reason: `event ${row.event.type}: ${reason}`,
    })
  }

  const start = async (row: InboxRow): Promise<void> => {
    const definition = row.start === null ? undefined : registry.machines.get(row.start.machine)
    const turn: PreparedTurn | string =
      row.start === null
        ? 'there is no such actor'
        : definition === undefined
          ? `machine ${row.start.machine} is not registered`
          : row.actor.includes('/')
            ? 'the id of an actor must not hold a slash'
            : startTurn(definition, row, row.start.input, drawStamp(clock), registry)
    if (typeof turn !== 'string') return void (await commitTurn(turn))
    await discard(row, turn)
    await held.release(row.actor)
  }

  const deliver = async (row: InboxRow): Promise<void> => {
    let exists = false
    await withActor(row.actor, async (actor) => {
      exists = true
      const stamp = drawStamp(clock)
      const refusal = inboxRefusal(actor, row, stamp)
      if (refusal === null) return void (await commitTurn(inboxTurn(actor, row, stamp, registry)))
      await discard(row, refusal)
      if (actor.status === 'done' && actor.effects.length === 0) await held.release(actor.id)
    })
    if (!exists && !parked.has(row.actor)) await start(row)
  }

  const claimOne = async (actor: string): Promise<void> => {
    const claimed = await store.claim(actor, queue, owner, leaseTtlMs)
    if (!claimed.ok) return
    held.hold(claimed.lease)
    await startUnfinished(actor)
  }

  const renewWhenDue = async (): Promise<void> => {
    if (ageMs(clock.now(), renewedAt) < leaseTtlMs / 3) return
    renewedAt = clock.now()
    if (held.all().length > 0) await store.renew(owner.incarnation, leaseTtlMs)
  }

  return {
    recover: async () => {
      const reaped = await store.deadHolders(queue, owner)
      // Before the claim: should we die in between, the next life must find them again.
      for (const dead of reaped) await options.reap(dead)
      const claims = await store.claimQueue(queue, owner, leaseTtlMs)
      for (const { lease } of claims) held.hold(lease)
      for (const { lease } of claims) await startUnfinished(lease.actor)
      return { claimed: claims.map(({ lease }) => lease.actor), reaped }
    },

    step: async () => {
      if (isStopped) return { worked: false, nextTimer: null }
      await renewWhenDue()
      const finished = runner.take()
      if (finished !== null) {
        try {
          await settle(finished)
        } catch (error) {
          // Nothing was written (the journal is blocked, say): what came of the effect must not be lost with the turn.
          runner.putBack(finished)
          throw error
        }
        return { worked: true, nextTimer: null }
      }
      const due = await store.due(queue, owner.incarnation, clock.now(), 1 + parked.size)
      const timer = due.timers[0]
      const row = due.inbox[0]
      const unclaimed = due.unclaimed.find((actor) => !parked.has(actor))
      if (timer !== undefined)
        await withActor(timer.actor, async (actor) => {
          await commitTurn(timerTurn(actor, timer, drawStamp(clock), registry))
        })
      else if (row !== undefined) await deliver(row)
      else if (unclaimed !== undefined) await claimOne(unclaimed)
      else return { worked: false, nextTimer: due.nextTimer }
      return { worked: true, nextTimer: null }
    },

    running: () => runner.running(),

    stop: async ({ graceMs }) => {
      isStopped = true
      await runner.shutdown(graceMs)
      for (let finished = runner.take(); finished !== null; finished = runner.take()) await settle(finished)
      for (const actor of held.all()) await held.release(actor)
    },
  }
}
