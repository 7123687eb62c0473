import type { AnyStateMachine } from 'xstate'
import type { z } from 'zod'
import type { JsonValue } from '../contracts/json.ts'
import type { EffectRow, TimerRow } from '../contracts/store.ts'
import { checkProfile } from './check-profile.ts'

/** Everything a stored actor consists of, as a migration sees it. */
export interface StoredInstance {
  /** XState's persisted snapshot. */
  readonly snapshot: JsonValue
  /** Unfinished effects and pending timers: leaving one out cancels it, a new id adds one. */
  readonly effects: readonly EffectRow[]
  readonly timers: readonly TimerRow[]
}

/** Lifts a stored actor from one version to the next; pure. */
type Migration = (stored: StoredInstance) => StoredInstance

/** A machine as the host runs it. */
export interface MachineDefinition {
  /** Stored with every actor; never renamed. */
  readonly name: string
  /** Rises with every change of the definition (see `definitionHash`). */
  readonly version: number
  readonly machine: AnyStateMachine
  readonly contextSchema: z.ZodType
  /** Every event that may arrive from outside (inbox). `nowMs` and `nonce` have been added before it is asked. */
  readonly eventSchema: z.ZodType
  /** `migrations[n]` lifts version n to n + 1. */
  readonly migrations?: Readonly<Record<number, Migration>>
}

/** Thrown when a machine uses what the durable profile forbids; lists every place at once. */
export class ProfileError extends Error {
  readonly violations: readonly string[]

  constructor(machine: string, violations: readonly string[]) {
    super(`machine ${machine} breaks the durable profile: ${violations.join('; ')}`)
    this.name = 'ProfileError'
    this.violations = violations
  }
}

/**
 * Admits a machine to the durable host.
 * @throws ProfileError when it uses something that cannot survive a crash on our host.
 */
export const defineMachine = (definition: MachineDefinition): MachineDefinition => {
  const violations = checkProfile(definition.machine)
  if (!Number.isInteger(definition.version) || definition.version < 1)
    violations.push(`version ${definition.version} is not a positive integer`)
  if (violations.length > 0) throw new ProfileError(definition.name, violations)
  return definition
}
