import type { AnyStateMachine } from 'xstate'
import { DURABLE_MACHINES, type DurableMachine } from '../../../machines/durable/registry.ts'
import { nearest } from '../../manifest/nearest.ts'
import { DOCUMENTED_MACHINES } from '../docs/documented-machines.ts'
import { quoted } from '../print/visible.ts'
import { UsageError } from '../report-error.ts'

/** A machine as `machine …` names it. */
export interface KnownMachine {
  readonly name: string
  /** `durable`: every step is journaled. `live`: kept in memory by the supervisor or a lane, rebuilt from facts. */
  readonly kind: 'durable' | 'live'
  /** Stored beside every snapshot of a durable machine; live ones store none. */
  readonly version: number | null
  readonly machine: AnyStateMachine
  readonly about: string
}

/** Every machine there is, durable ones first. */
export const KNOWN_MACHINES: readonly KnownMachine[] = DOCUMENTED_MACHINES.map(
  ({ name, machine, owner }): KnownMachine => {
    const durable: DurableMachine | undefined = (DURABLE_MACHINES as Record<string, DurableMachine>)[name]
    return {
      name,
      machine,
      about: owner,
      kind: durable === undefined ? 'live' : 'durable',
      version: durable?.version ?? null,
    }
  },
)

/** A machine by its name. @throws UsageError that names the nearest. */
export const findMachine = (name: string): KnownMachine => {
  const names = KNOWN_MACHINES.map((known) => known.name)
  const found = KNOWN_MACHINES.find((known) => known.name === name)
  if (found !== undefined) return found
  const guess = nearest(name, names)
  throw new UsageError(
    `there is no machine ${quoted(name)}; ${guess === null ? '' : `did you mean ${guess}? `}machines are ${names.join(', ')}`,
  )
}
