import { describe, expect, test } from 'vitest'
import { followUpOf } from '../../src/autonomy/triage.ts'
import { FAILURE_CLASSES, type FailureClass } from '../../src/contracts/failure.ts'
import { TaskSpec } from '../../src/contracts/task.ts'

const task = (changes: Record<string, unknown> = {}): TaskSpec =>
  TaskSpec.parse({
    id: 'task-typo',
    title: 'Fix the typo',
    kind: 'goal',
    repo: 'api',
    goal: 'Fix the typo in README.md',
    constraints: null,
    baseBranch: null,
    allowedPaths: ['README.md'],
    priority: 'high',
    type: 'documentation',
    risk: 'low',
    verify: true,
    dependsOn: [],
    labels: [],
    author: 'ada',
    trust: 'untrusted',
    parent: null,
    createdAtMs: 1,
    ...changes,
  })

const blocked = (failureClass: FailureClass) => ({
  class: failureClass,
  reason: 'because',
  nextAction: 'oc-supervise task retry task-typo',
})

const WITH_FOLLOW_UP: readonly FailureClass[] = [
  'dependency_missing',
  'flaky_test',
  'validation_failure',
  'context_limit',
]

describe('triage of a Blocked task', () => {
  test.each(FAILURE_CLASSES)('%s', (failureClass) => {
    const followUp = followUpOf(task(), blocked(failureClass), 2)
    expect(followUp !== null).toBe(WITH_FOLLOW_UP.includes(failureClass))
  })

  test('a follow-up keeps scope, author and trust of its task, at low priority', () => {
    expect(followUpOf(task(), blocked('flaky_test'), 2)).toMatchObject({
      id: 'task-typo-improve-flaky-test',
      kind: 'improve',
      allowedPaths: ['README.md'],
      author: 'ada',
      trust: 'untrusted',
      priority: 'low',
      goal: expect.not.stringContaining('because'),
      quoted: expect.stringContaining('because'),
      verify: false,
      parent: { id: 'task-typo', handoff: 'flaky_test' },
      createdAtMs: 2,
    })
  })

  test('the same task and reason is the same follow-up', () => {
    const ids = [2, 3].map((nowMs) => followUpOf(task(), blocked('flaky_test'), nowMs)?.id)
    expect(ids[0]).toBe(ids[1])
  })

  test('no chain grows: a follow-up that is Blocked leads to none', () => {
    const followUp = followUpOf(task(), blocked('flaky_test'), 2) as TaskSpec
    expect(followUpOf(followUp, blocked('validation_failure'), 3)).toBeNull()
    expect(followUpOf({ ...followUp, kind: 'goal' }, blocked('validation_failure'), 3)).toBeNull()
  })

  test('only goals are triaged: tests ask for their own fixes', () => {
    expect(followUpOf(task({ kind: 'test' }), blocked('validation_failure'), 2)).toBeNull()
  })
})
