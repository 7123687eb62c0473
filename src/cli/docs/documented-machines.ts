import type { AnyStateMachine } from 'xstate'
import { DURABLE_MACHINES } from '../../../machines/durable/registry.ts'
import { childMachine } from '../../../machines/live/child.machine.ts'
import { laneWatcherMachine } from '../../../machines/live/lane-watcher.machine.ts'
import { recoveryMachine } from '../../../machines/live/recovery.machine.ts'
import { supervisorMachine } from '../../../machines/live/supervisor.machine.ts'
import type { PageOptions } from './render-machine.ts'

/** A machine and how its page is to look. */
export interface DocumentedMachine extends PageOptions {
  readonly name: string
  readonly machine: AnyStateMachine
}

const durable = (
  name: keyof typeof DURABLE_MACHINES,
  owner: string,
  quiet: readonly string[] = [],
): DocumentedMachine => {
  const { machine, version } = DURABLE_MACHINES[name]
  return { name, machine, owner: `${owner} Durable: every step is journaled. Version ${version}.`, quiet }
}

const live = (name: string, machine: AnyStateMachine, owner: string): DocumentedMachine => ({
  name,
  machine,
  owner: `${owner} Live: kept in memory, rebuilt from facts.`,
  quiet: [],
})

/** Every machine there is; each gets a page in docs/machines/. */
export const DOCUMENTED_MACHINES: readonly DocumentedMachine[] = [
  durable(
    'task',
    'Everything from the claim of a task to Done, Blocked or Cancelled; held by the lane of its kind.',
    ['CANCEL', 'MOVED', 'MOVE', 'waitingOut'],
  ),
  durable(
    'review',
    'Drives one pull request to its merge, or says what stands in the way; held by the lane `review`.',
    ['CANCEL', 'waitingOut'],
  ),
  durable('gate', 'One question to people about one exact subject; held by the supervisor.'),
  live('supervisor', supervisorMachine, "The supervisor's own life, in its process."),
  live('child', childMachine, 'One child of the supervisor, in the supervisor.'),
  live('lane-watcher', laneWatcherMachine, 'One lane as its own process sees it.'),
  live('recovery', recoveryMachine, 'The recovery ladder of one child, in the supervisor.'),
]
