import type { z } from 'zod'
import { Failure } from '../contracts/failure.ts'
import type { Fence } from '../contracts/fence.ts'
import type { Instant } from '../contracts/instant.ts'

/**
 * Why a running effect's signal was aborted (`signal.reason`).
 * `cancelled`: the machine left the state that wanted it, so undo or stop what can be stopped.
 * `shutdown`: this process ends; leave the outside as it is, whoever comes next reconciles.
 * `stale`: somebody else holds the actor now; touch nothing any more.
 */
export type StopCause = 'cancelled' | 'shutdown' | 'stale'

/** What an effect is given beside its input. */
export interface EffectContext {
  /** Stable across crashes: use it (or a hash of it) as the idempotency key outside. */
  readonly effectId: string
  readonly actor: string
  /** Call `fence.check()` immediately before each outward call. */
  readonly fence: Fence
  /** Aborted with a {@link StopCause} as its reason. */
  readonly signal: AbortSignal
  /** When this try began. */
  readonly now: Instant
}

/** What the outside world says about an effect that may have happened before a crash. */
type Reconciliation<Output> =
  | { readonly happened: true; readonly output: Output }
  | { readonly happened: false }

/** One side effect: performed after the commit that asked for it, reconciled first after a crash. */
export interface EffectDefinition<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  /** The actor name that machines invoke, or the name of their custom action. */
  readonly name: string
  readonly input: Input
  readonly output: Output
  /** @throws EffectFailure for an outcome the machine must know by class; anything else becomes `infra_tooling`. */
  perform(context: EffectContext, input: z.output<Input>): Promise<z.input<Output>>
  /** Asks the outside whether it already happened. An effect that is idempotent by id answers `{ happened: false }`. */
  reconcile(context: EffectContext, input: z.output<Input>): Promise<Reconciliation<z.input<Output>>>
}

/** Ties an effect's functions to the types of its input and output. */
export const defineEffect = <Input extends z.ZodType, Output extends z.ZodType>(
  definition: EffectDefinition<Input, Output>,
): EffectDefinition<Input, Output> => definition

/** Thrown by an effect whose outcome is a failure of a known class; reaches the machine as `{ error: Failure }`. */
export class EffectFailure extends Error {
  readonly failure: Failure

  constructor(failure: z.input<typeof Failure>, options?: ErrorOptions) {
    super(`${failure.class}: ${failure.reason}`, options)
    this.name = 'EffectFailure'
    this.failure = Failure.parse({ ...failure, reason: failure.reason.slice(0, 2000) })
  }
}

/**
 * Thrown by `Fence.check()` when the actor was taken over by somebody else. Never catch it in an effect: the host
 * stops the actor's effects silently, because the new holder carries them out.
 */
export class StaleOwnerError extends Error {
  constructor(actor: string, token: number) {
    super(`${actor}: lease token ${token} is no longer ours; the actor was taken over`)
    this.name = 'StaleOwnerError'
  }
}
