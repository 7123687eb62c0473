import { expect, test } from 'vitest'
import { runsOf, withoutEndedAttempts } from '../../../src/cli/run/compose-status.ts'
import type { Progress } from '../../../src/cli/run/read-progress.ts'
import type { Attention } from '../../../src/contracts/status.ts'

const note = (subject: string): Attention => ({ kind: 'agent', subject, reason: 'r', action: 'a' })

test('an attempt whose keeper is gone wants nobody any more; agents and everything else stay', () => {
  const notes = ['att-a-1', 'att-b-1', 'coder'].map(note)
  const subjects = withoutEndedAttempts(notes, [{ attempt: 'att-b-1' }]).map(({ subject }) => subject)
  expect(subjects).toEqual(['att-b-1', 'coder'])
})

const actor = (machine: string, id: string, value: string, standing: string, context: object) =>
  ({ row: { id, machine, status: 'active', snapshot: { value, context } }, standing }) as never
const task = (value: string, standing: string) =>
  actor('task', 'task-1', value, standing, { runId: 'run-1', lane: 'goal', attempt: null, blocked: null })
const review = (standing: string) => actor('review', 'review-1', 'any', standing, { taskId: 'task-1' })

test.each([
  ['at work', [task('working', 'moving')], false, 'active'],
  ['its review is at work', [task('inReview', 'waits_actor'), review('moving')], false, 'active'],
  ['its review has not heard of it yet', [task('inReview', 'waits_actor')], true, 'active'],
  [
    'its review waits for a person',
    [task('inReview', 'waits_actor'), review('waits_actor')],
    true,
    'waiting',
  ],
  ['nobody reviews it', [task('inReview', 'waits_actor')], false, 'waiting'],
  ['put off', [task('deferred', 'waits_time')], true, 'waiting'],
  ['Blocked', [task('blocked', 'waits_actor')], true, 'ended'],
])('a run: %s', (_what, actors, waitingEvents, state) => {
  const progress: Progress = { eligible: false, waitingEvents, actors }
  expect(runsOf(progress).map((run) => run.state)).toEqual([state])
})
