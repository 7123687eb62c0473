import type { EffectInput } from '../../src/contracts/effect-io.ts'

/** A JSON event for another actor; the host stamps it when it is handled. */
interface OutgoingEvent {
  readonly type: string
  readonly [field: string]: unknown
}

/** Delivers one event to another actor, in the same transaction as the transition. */
export interface SendParams {
  readonly to: string
  readonly queue: string
  readonly event: OutgoingEvent
}

/** Starts another actor, in the same transaction; the host adds `nowMs` and `nonce` to its input. */
export interface StartActorParams {
  readonly id: string
  readonly queue: string
  readonly machine: string
  readonly input: Readonly<Record<string, unknown>>
}

/**
 * The custom actions of durable machines. Beside its params such an action may carry a `label`, which is all that the
 * generated pages can say of it. They do nothing here: the host reads them as data out of a transition and
 * carries them out inside its transaction (`send`, `startActor`) or after it (the effects).
 */
export const effectActions = {
  send: (_: unknown, _params: SendParams) => {},
  startActor: (_: unknown, _params: StartActorParams) => {},
  moveTask: (_: unknown, _params: EffectInput<'moveTask'>) => {},
  comment: (_: unknown, _params: EffectInput<'comment'>) => {},
  addTask: (_: unknown, _params: EffectInput<'addTask'>) => {},
}
