import { effectNames } from './check-profile.ts'
import type { MachineDefinition } from './define-machine.ts'
import type { EffectDefinition } from './effect.ts'
import { RESERVED_ACTIONS } from './plan-actions.ts'

export interface Registry {
  readonly machines: ReadonlyMap<string, MachineDefinition>
  readonly effects: ReadonlyMap<string, EffectDefinition>
}

/**
 * Everything a host may run, by name.
 * @throws Error naming every duplicate, and every effect that a machine asks for and nobody offers.
 */
export const createRegistry = (
  machines: readonly MachineDefinition[],
  effects: readonly EffectDefinition[],
): Registry => {
  const registry = { machines: byName('machine', machines), effects: byName('effect', effects) }
  const missing = machines.flatMap(({ name, machine }) =>
    effectNames(machine, RESERVED_ACTIONS)
      .filter((effect) => !registry.effects.has(effect))
      .map((effect) => `machine ${name} asks for effect ${effect}, which is not registered`),
  )
  if (missing.length > 0) throw new Error(missing.join('; '))
  return registry
}

const byName = <T extends { name: string }>(kind: string, items: readonly T[]): ReadonlyMap<string, T> => {
  const map = new Map(items.map((item) => [item.name, item]))
  const twice = items.find((item) => map.get(item.name) !== item)
  if (twice !== undefined) throw new Error(`${kind} ${twice.name} is registered twice`)
  return map
}
