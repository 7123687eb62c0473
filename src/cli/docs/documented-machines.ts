import type { AnyStateMachine } from 'xstate'
import { DURABLE_MACHINES } from '../../../machines/durable/registry.ts'
import { childMachine } from '../../../machines/live/child.machine.ts'
import { laneWatcherMachine } from '../../../machines/live/lane-watcher.machine.ts'
import { recoveryMachine } from '../../../machines/live/recovery.machine.ts'
import { supervisorMachine } from '../../../machines/live/supervisor.machine.ts'

/** A machine with the sentence that heads its page. */
export interface DocumentedMachine {
  readonly name: string
  readonly machine: AnyStateMachine
  readonly owner: string
}

const durable = (name: keyof typeof DURABLE_MACHINES, owner: string): DocumentedMachine => {
  const { machine, version } = DURABLE_MACHINES[name]
  return { name, machine, owner: `${owner} Durable: every step is journaled. Version ${version}.` }
}

/** Every machine there is; each gets a page in docs/machines/. */
export const DOCUMENTED_MACHINES: readonly DocumentedMachine[] = [
  durable(
    'task',
    'Everything from the claim of a task to Done, Blocked or Cancelled; held by the lane of its kind.',
  ),
  durable(
    'review',
    'Drives one pull request to its merge, or says what stands in the way; held by the lane `review`.',
  ),
  durable('gate', 'One question to people about one exact subject; held by the supervisor.'),
  { name: 'supervisor', machine: supervisorMachine, owner: "The supervisor's own life, in its process." },
  { name: 'child', machine: childMachine, owner: 'One child of the supervisor, in the supervisor.' },
  { name: 'lane-watcher', machine: laneWatcherMachine, owner: 'One lane as its own process sees it.' },
  {
    name: 'recovery',
    machine: recoveryMachine,
    owner: 'The recovery ladder of one child, in the supervisor.',
  },
]
