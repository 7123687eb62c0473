import { z } from 'zod'
import type { Failure } from '../contracts/failure.ts'
import type { JsonValue } from '../contracts/json.ts'
import type { EffectRow } from '../contracts/store.ts'
import type { Clock } from '../platform/clock.ts'
import { failPoint } from '../platform/fail-point.ts'
import {
  type EffectContext,
  type EffectDefinition,
  EffectFailure,
  StaleOwnerError,
  type StopCause,
} from './effect.ts'
import type { HostReport } from './host-report.ts'
import { plainJson } from './plain-json.ts'

/** How an effect ended, as its actor will hear it. */
type EffectOutcome =
  | { readonly ok: true; readonly output: JsonValue }
  | { readonly ok: false; readonly failure: Failure }

export interface FinishedEffect {
  readonly effect: EffectRow
  readonly outcome: EffectOutcome
}

/** Carries out committed effects beside the turns; outcomes wait in memory until a turn takes them. */
export interface EffectRunner {
  /** @param reconcile ask the outside first, because an earlier try may have got through. */
  start(effect: EffectRow, token: number, reconcile: boolean): void
  /** Takes the oldest outcome; it stays ours until `forget`. */
  take(): FinishedEffect | null
  /** Puts an outcome back whose commit met a conflict. */
  putBack(finished: FinishedEffect): void
  forget(effectId: string): void
  cancel(effectId: string, cause: StopCause): void
  cancelActor(actor: string, cause: StopCause): void
  running(): readonly EffectRow[]
  /** Starts nothing more, ends all with `shutdown`, and waits for them at most `graceMs`. */
  shutdown(graceMs: number): Promise<void>
}

interface Entry {
  readonly effect: EffectRow
  readonly token: number
  readonly abort: AbortController
  /** Asked for after an earlier try of a life that ended. */
  readonly reconcile: boolean
  state: 'waiting' | 'running' | 'ended'
  tries: number
  cancelRetry: () => void
  settled: Promise<void>
}

/**
 * Waits between tries of a custom action (nobody in the machine hears of its failure, so we try again) and of a
 * reconciliation that could not be answered. After the last one it has failed.
 */
const RETRY_DELAYS_MS = [1_000, 5_000, 30_000, 120_000] as const

export const createEffectRunner = (options: {
  readonly effects: ReadonlyMap<string, EffectDefinition>
  readonly clock: Clock
  readonly checkFence: (actor: string, token: number) => Promise<boolean>
  readonly onFinished: () => void
  readonly onStale: (actor: string) => void
  readonly report: (report: HostReport) => void
}): EffectRunner => {
  const entries = new Map<string, Entry>()
  const finished: FinishedEffect[] = []
  let isStopping = false

  const end = (entry: Entry, outcome: EffectOutcome): void => {
    entry.state = 'ended'
    finished.push({ effect: entry.effect, outcome })
    options.onFinished()
    beginNext(entry.effect.actor)
  }

  /**
   * Custom actions of one actor are carried out one after another, in the order they were asked for: a card moved to
   * Running and then to Blocked must end up Blocked. Nobody waits for an invoked effect.
   */
  const beginNext = (actor: string): void => {
    const next = [...entries.values()].find(
      ({ effect, state }) => effect.actor === actor && effect.invokeId === null && state !== 'ended',
    )
    if (next?.state === 'waiting') begin(next)
  }

  const begin = (entry: Entry): void => {
    entry.state = 'running'
    entry.settled = attempt(entry, entry.reconcile)
  }

  const attempt = async (entry: Entry, reconcile: boolean): Promise<void> => {
    const { effect } = entry
    entry.tries += 1
    let phase: 'reconcile' | 'perform' = 'reconcile'
    try {
      const definition = definitionOf(options.effects, effect)
      const context = contextOf(options, entry)
      const input = definition.input.parse(effect.input)
      if (reconcile) {
        const answer = await definition.reconcile(context, input)
        if (answer.happened) return ifWanted(entry, () => end(entry, accept(definition, answer.output)))
      }
      if (entry.abort.signal.aborted) return drop(entry)
      phase = 'perform'
      failPoint(`effect:${effect.name}:before`)
      const output = await definition.perform(context, input)
      failPoint(`effect:${effect.name}:after`)
      ifWanted(entry, () => end(entry, accept(definition, output)))
    } catch (error) {
      fail(entry, phase, error)
    }
  }

  /** A cancelled effect's late result is nobody's; a result that came in during shutdown still counts. */
  const ifWanted = (entry: Entry, use: () => void): void => {
    const cause = causeOf(entry)
    if (cause === null || cause === 'shutdown') use()
    else drop(entry)
  }

  const fail = (entry: Entry, phase: 'reconcile' | 'perform', error: unknown): void => {
    const { effect } = entry
    if (error instanceof StaleOwnerError) {
      drop(entry)
      options.onStale(effect.actor)
      return
    }
    // Whether it failed or was interrupted cannot be told apart: it stays unfinished, and is reconciled next time.
    if (causeOf(entry) !== null) {
      drop(entry)
      return
    }
    const failure = failureOf(error)
    const delayMs = RETRY_DELAYS_MS[entry.tries - 1]
    const mayRetry = effect.invokeId === null || (phase === 'reconcile' && !(error instanceof EffectFailure))
    if (!mayRetry || delayMs === undefined) {
      end(entry, { ok: false, failure })
      return
    }
    report('effect_retried', effect, `${failure.reason} (again in ${delayMs} ms)`)
    entry.cancelRetry = options.clock.after(delayMs, () => {
      entry.cancelRetry = NOTHING
      entry.settled = attempt(entry, true)
    })
  }

  /** The same effect may run anew under a later lease; that one is not meant. */
  const drop = (entry: Entry): void => {
    if (entries.get(entry.effect.id) !== entry) return
    entries.delete(entry.effect.id)
    beginNext(entry.effect.actor)
  }

  const report = (kind: HostReport['kind'], effect: EffectRow, reason: string): void =>
    options.report({
      kind,
      actor: effect.actor,
      subject: effect.id,
      reason: `effect ${effect.name}: ${reason}`,
    })

  const cancel = (effectId: string, cause: StopCause): void => {
    const entry = entries.get(effectId)
    if (entry === undefined) return
    entry.cancelRetry()
    entry.abort.abort(cause)
    if (cause === 'shutdown') entry.state = 'ended'
    else drop(entry)
  }

  return {
    start: (effect, token, reconcile) => {
      if (isStopping || entries.has(effect.id)) return
      const entry: Entry = {
        effect,
        token,
        abort: new AbortController(),
        reconcile,
        state: 'waiting',
        tries: 0,
        cancelRetry: NOTHING,
        settled: Promise.resolve(),
      }
      entries.set(effect.id, entry)
      if (effect.invokeId === null) beginNext(effect.actor)
      else begin(entry)
    },
    take: () => finished.shift() ?? null,
    putBack: (outcome) => void finished.unshift(outcome),
    forget: (effectId) => void entries.delete(effectId),
    cancel,
    cancelActor: (actor, cause) => {
      for (const { effect } of [...entries.values()]) if (effect.actor === actor) cancel(effect.id, cause)
    },
    running: () => [...entries.values()].map((entry) => entry.effect),
    shutdown: async (graceMs) => {
      isStopping = true
      const waiting = [...entries.values()].map((entry) => entry.settled)
      for (const id of [...entries.keys()]) cancel(id, 'shutdown')
      const enough = new AbortController()
      await Promise.race([Promise.all(waiting), options.clock.sleep(graceMs, enough.signal)])
      enough.abort()
    },
  }
}

const NOTHING = (): void => {}

const definitionOf = (
  effects: ReadonlyMap<string, EffectDefinition>,
  { name }: EffectRow,
): EffectDefinition => {
  const definition = effects.get(name)
  if (definition === undefined) throw new Error('it is not registered')
  return definition
}

const contextOf = (
  options: { clock: Clock; checkFence: (actor: string, token: number) => Promise<boolean> },
  { effect, token, abort }: Entry,
): EffectContext => ({
  effectId: effect.id,
  actor: effect.actor,
  fence: {
    actor: effect.actor,
    token,
    check: async () => {
      if (!(await options.checkFence(effect.actor, token))) throw new StaleOwnerError(effect.actor, token)
    },
  },
  signal: abort.signal,
  now: options.clock.now(),
})

const causeOf = ({ abort }: Entry): StopCause | null =>
  abort.signal.aborted ? (abort.signal.reason as StopCause) : null

/** An output that breaks its own schema is our fault, told as such. */
const accept = (definition: EffectDefinition, output: unknown): EffectOutcome => {
  const parsed = definition.output.safeParse(output)
  if (parsed.success) return { ok: true, output: plainJson(parsed.data) }
  const reason = `it answered what its output schema refuses: ${z.prettifyError(parsed.error)}`
  return { ok: false, failure: { class: 'infra_tooling', reason: reason.slice(0, 2000), excerpt: null } }
}

const failureOf = (error: unknown): Failure => {
  if (error instanceof EffectFailure) return error.failure
  const message = error instanceof Error ? error.message : String(error)
  return {
    class: 'infra_tooling',
    reason: message.slice(0, 2000) || 'it failed without a message',
    excerpt: null,
  }
}
