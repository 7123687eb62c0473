import type { Blocked, FailureClass } from '../contracts/failure.ts'
import { TaskId } from '../contracts/ids.ts'
import { TaskSpec, type TaskType } from '../contracts/task.ts'

/** What may be done about a Blocked task without a person; classes that are not here want one. */
const FOLLOW_UPS: Readonly<Partial<Record<FailureClass, { handoff: string; type: TaskType; ask: string }>>> =
  {
    dependency_missing: {
      handoff: 'dependency_missing',
      type: 'dependency_update',
      ask: 'Find out what is missing to set this repository up and to run its checks, and mend its setup.',
    },
    flaky_test: {
      handoff: 'flaky_test',
      type: 'test_write',
      ask: 'Steady the test that fails now and then. Do not delete, skip or weaken it.',
    },
    validation_failure: {
      handoff: 'validation_failure',
      type: 'bug_fix',
      ask: 'Find out why the checks fail and do the smallest thing that makes the goal reachable. Do not weaken a check.',
    },
    context_limit: {
      handoff: 'context_limit',
      type: 'simple_edit',
      ask: 'Do the first part of the goal that stands on its own and is small enough for one sitting.',
    },
  }

const HANDOFFS: ReadonlySet<string> = new Set(Object.values(FOLLOW_UPS).map(({ handoff }) => handoff))
const LONGEST_ID = 69

/**
 * The one follow-up a Blocked task leads to, or null where a person is wanted. Bounded by construction: one for each task
 * and reason, because its id says whose it is; and none for a follow-up, so that no chain can grow.
 */
export const followUpOf = (task: TaskSpec, blocked: Blocked, nowMs: number): TaskSpec | null => {
  const rule = FOLLOW_UPS[blocked.class]
  const isFollowUp = task.parent !== null && HANDOFFS.has(task.parent.handoff)
  if (rule === undefined || isFollowUp || task.kind !== 'goal') return null
  const id = TaskId.safeParse(`${task.id}-improve-${rule.handoff.replaceAll('_', '-')}`.slice(0, LONGEST_ID))
  if (!id.success) return null
  return TaskSpec.parse({
    ...task,
    id: id.data,
    kind: 'improve',
    type: rule.type,
    title: `Unblock: ${task.title}`.slice(0, 200),
    goal: `${rule.ask}\n\nThe task it is about:\n${task.goal}`.slice(0, 50_000),
    // A reason quotes checks, setups and agents.
    quoted: `Why it is Blocked:\n${blocked.reason}`.slice(0, 50_000),
    priority: 'low',
    verify: false,
    dependsOn: [],
    parent: { id: task.id, handoff: rule.handoff },
    createdAtMs: nowMs,
  })
}
