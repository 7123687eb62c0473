import type { AnyStateMachine } from 'xstate'

/**
 * A machine's configuration as JSON text, the way Stately's tools read it: what is a function in the code stands there
 * as `{"type": NAME}`.
 */
export const machineDefinition = (machine: AnyStateMachine): string =>
  JSON.stringify(machine.config, (_key, value: unknown) =>
    typeof value === 'function' ? { type: value.name } : value,
  )
