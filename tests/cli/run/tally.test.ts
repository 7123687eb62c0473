import { describe, expect, test } from 'vitest'
import { decideRunExit } from '../../../src/cli/run/decide-idle.ts'
import { tallyOf, taskWaits } from '../../../src/cli/run/tally.ts'
import type { ActorRow } from '../../../src/contracts/store.ts'
import type { BoardTask } from '../../../src/contracts/task.ts'

const card = (state: string, phase: string | null = null, id = 'task-1'): BoardTask =>
  ({ spec: { id }, state, phase }) as never
const nothing = { asking: new Set<string>(), putOff: new Set<string>() }
const ofTask1 = new Set(['task-1'])

describe('how a run ends that ends when idle', () => {
  test.each([
    ['its task is done', card('Done'), nothing, 0],
    ['it is Blocked', card('Blocked'), nothing, 3],
    ['it is Blocked with a question', card('Blocked'), { ...nothing, asking: ofTask1 }, 10],
    ['it waits for an approval', card('Review', 'human'), nothing, 10],
    ['no lane reviews it', card('Review', 'automated'), nothing, 10],
    ['--max-wait is over while it waits to be tried again', card('Running'), nothing, 10],
    ['--max-wait is over while it is put off', card('Backlog'), { ...nothing, putOff: ofTask1 }, 10],
    ['a person put it back', card('Backlog'), nothing, 0],
    ['a person ended it', card('Cancelled'), nothing, 0],
  ] as const)('%s', (_what, task, waits, exit) => expect(decideRunExit(tallyOf([task], waits))).toBe(exit))

  test('Blocked counts more than waiting', () =>
    expect(decideRunExit(tallyOf([card('Running', null, 'task-2'), card('Blocked')], nothing))).toBe(3))
})

test('who asks and who is put off is read from the actors', () => {
  const actor = (id: string, value: string, standing: string, machine = 'task') => ({
    row: { id, machine, status: 'active', snapshot: { value } } as unknown as ActorRow,
    standing: standing as never,
  })
  const waits = taskWaits({
    eligible: false,
    waitingEvents: false,
    actors: [
      actor('task-1', 'blocked', 'waits_person'),
      actor('task-2', 'deferred', 'waits_time'),
      actor('task-3', 'queued', 'waits_actor'),
      actor('task-4', 'setAside', 'waits_actor'),
      actor('gate-1', 'undecided.open', 'waits_person', 'gate'),
    ],
  })
  expect([[...waits.asking], [...waits.putOff]]).toEqual([['task-1'], ['task-2', 'task-3']])
})
