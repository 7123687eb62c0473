import { describe, expect, test } from 'vitest'
import { taskMachine } from '../../../machines/durable/task-machine.ts'
import { standingOf } from '../../../src/cli/run/actor-standing.ts'
import { decideIdle } from '../../../src/cli/run/decide-idle.ts'
import { createIdleWatch } from '../../../src/cli/run/idle-watch.ts'
import type { ActorRow } from '../../../src/contracts/store.ts'
import { systemClock } from '../../../src/platform/clock.ts'

const row = (value: unknown, context: unknown = {}): ActorRow =>
  ({ id: 'task-1', machine: 'task', status: 'active', snapshot: { value, context } }) as unknown as ActorRow

/** Where a task rests, and what it waits for; everywhere else it moves. */
const RESTING: Readonly<Record<string, string>> = {
  awaitingStart: 'waits_actor',
  inReview: 'waits_actor',
  verifying: 'waits_actor',
  setAside: 'waits_actor',
  blocked: 'waits_actor',
  deferred: 'waits_time',
  queued: 'waits_actor',
}

test.each(Object.keys(taskMachine.states))('a task in %s', (state) =>
  expect(standingOf(row(state))).toBe(RESTING[state] ?? 'moving'),
)

test('a Blocked task that asks something waits for a person', () =>
  expect(standingOf(row('blocked', { blocked: { class: 'awaiting_input' } }))).toBe('waits_person'))

describe('whether a run may end', () => {
  const nothing = {
    eligible: false,
    moving: 0,
    waitingEvents: false,
    people: 0,
    waitingForPeopleMs: 0,
    waitForPeopleMs: 0,
  }
  test.each([
    ['nothing is left', {}, 'idle'],
    ['a task can be claimed', { eligible: true }, 'working'],
    ['something moves', { moving: 1 }, 'working'],
    ['an event waits', { waitingEvents: true }, 'working'],
    ['people wait for nobody', { people: 1 }, 'idle'],
    ['people are waited for', { people: 1, waitForPeopleMs: 10 }, 'waiting_for_people'],
    ['people were waited for', { people: 1, waitForPeopleMs: 10, waitingForPeopleMs: 10 }, 'idle'],
  ] as const)('%s', (_what, facts, expected) => expect(decideIdle({ ...nothing, ...facts })).toBe(expected))

  test('a quota that comes back keeps it alive, until --max-wait', () => {
    const manifest = { untilIdle: { waitForPeopleMs: 0 } } as never
    const progress = {
      eligible: false,
      waitingEvents: false,
      actors: [{ row: row('deferred'), standing: 'waits_time' as const }],
    }
    const tally = { done: 0, blocked: 0, waitingForPeople: 0, unfinished: 1 }
    expect(
      createIdleWatch({ clock: systemClock, manifest, maxWaitMs: 60_000 }).look(progress, tally),
    ).toBeNull()
    const impatient = createIdleWatch({ clock: systemClock, manifest, maxWaitMs: -1 })
    expect(impatient.look(progress, tally)).toEqual({ exit: 10, reason: '--max-wait is over' })
  })
})
