import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  attemptIdOf,
  followUpIdOf,
  mergeGateIdOf,
  reviewIdOf,
  startGateIdOf,
} from '../../../machines/durable/derive-id.ts'
import { ReviewId, TaskId } from '../../../src/contracts/ids.ts'

const taskId = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,63}$/).map((suffix) => TaskId.parse(`task-${suffix}`))
const count = fc.integer({ min: 1, max: 9999 })

describe('ids derived from a task', () => {
  it('read as what they are', () => {
    const task = TaskId.parse('task-abc')
    expect(attemptIdOf(task, 3)).toBe('att-abc-3')
    expect(reviewIdOf(task, 1)).toBe('review-abc-1')
    expect(startGateIdOf(task, 1)).toBe('gate-abc-start-1')
    expect(mergeGateIdOf(ReviewId.parse('review-abc-1'), 2)).toBe('gate-abc-1-2')
    expect(followUpIdOf(task, 'test', 1)).toBe('task-abc-test-1')
  })

  it('are valid however long the task id is, and differ by number', () => {
    fc.assert(
      fc.property(taskId, count, count, (task, a, b) => {
        fc.pre(a !== b)
        expect(attemptIdOf(task, a)).not.toBe(attemptIdOf(task, b))
        expect(startGateIdOf(task, a)).not.toBe(mergeGateIdOf(reviewIdOf(task, a), b))
        expect(followUpIdOf(task, 'fix', a)).not.toBe(followUpIdOf(task, 'test', a))
      }),
    )
  })

  it('differ between tasks, even where both are too long to be kept whole', () => {
    fc.assert(
      fc.property(taskId, taskId, count, (a, b, n) => {
        fc.pre(a !== b)
        expect(attemptIdOf(a, n)).not.toBe(attemptIdOf(b, n))
      }),
    )
  })

  it('stay valid along the longest chain of follow-ups', () => {
    let task = TaskId.parse(`task-${'x'.repeat(64)}`)
    for (let depth = 0; depth < 20; depth += 1) task = followUpIdOf(task, 'fix', depth + 1)
    expect(TaskId.safeParse(task).success).toBe(true)
  })
})
