import { DURABLE_MACHINES } from '../../../machines/durable/registry.ts'
import type { LaneName } from '../../contracts/lane-name.ts'
import { defineMachine, type MachineDefinition } from '../../durable/define-machine.ts'

/**
 * The machines a lane's host runs: the review lane owns reviews, the others own tasks.
 * @throws ProfileError when one breaks the durable profile.
 */
export const laneMachines = (lane: LaneName): MachineDefinition[] => [
  defineMachine(lane === 'review' ? DURABLE_MACHINES.review : DURABLE_MACHINES.task),
]

/** Every durable machine; for whoever reads actors of all kinds. @throws ProfileError */
export const durableMachines = (): MachineDefinition[] =>
  Object.values(DURABLE_MACHINES).map((row) => defineMachine(row))
