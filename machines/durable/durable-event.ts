import { z } from 'zod'
import type { EffectName, EffectOutput } from '../../src/contracts/effect-io.ts'
import { Failure } from '../../src/contracts/failure.ts'

/** What the host adds to every event and to every start input: the only time and the only randomness a machine sees. */
export const Stamp = z.object({
  /** UTC, milliseconds since 1970. */
  nowMs: z.number().int().nonnegative(),
  /** 128 random bits. */
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
})
export type Stamp = z.infer<typeof Stamp>

/** Any event as a guard or an assignment may meet it: ours, or XState's own (init, done, error, after). */
export interface AnyEvent {
  readonly type: string
}

/**
 * The time of the event that is being handled, in UTC milliseconds.
 * @throws Error when the host forgot to stamp it: a made-up time would be worse than a refused event.
 */
export const nowOf = (event: AnyEvent): number => {
  const stamped = 'input' in event ? event.input : event
  const parsed = z.object({ nowMs: z.number() }).safeParse(stamped)
  if (!parsed.success) throw new Error(`event ${event.type} carries no nowMs: the host stamps every event`)
  return parsed.data.nowMs
}

/**
 * The output of a finished effect, typed by the effect's name. The host has validated it before.
 * @throws Error when the event is not that effect's done event: a chart wired wrongly.
 */
export const outputOf = <N extends EffectName>(name: N, event: AnyEvent): EffectOutput<N> => {
  if (event.type !== `xstate.done.actor.${name}`)
    throw new Error(`event ${event.type} is not the end of effect ${name}`)
  return (event as AnyEvent & { readonly output: EffectOutput<N> }).output
}

/** Why an effect failed. What is no `Failure` is an effect that broke unexpectedly: `infra_tooling`, with its message. */
export const failureOf = (event: AnyEvent): Failure => {
  const error: unknown = 'error' in event ? event.error : null
  const failure = Failure.safeParse(error)
  if (failure.success) return failure.data
  const message = z.object({ message: z.string().min(1) }).safeParse(error)
  const reason = message.success ? message.data.message : `an effect failed without a reason (${event.type})`
  return { class: 'infra_tooling', reason: reason.slice(0, 2000), excerpt: null }
}
