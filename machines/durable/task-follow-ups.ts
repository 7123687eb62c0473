import type { EffectInput } from '../../src/contracts/effect-io.ts'
import type { TaskId } from '../../src/contracts/ids.ts'
import type { TaskSpec } from '../../src/contracts/task.ts'
import { type AnyEvent, nowOf } from './durable-event.ts'
import { present, type TaskContext } from './task-context.ts'
import { HANDOFF } from './task-facts.ts'

interface At {
  readonly context: TaskContext
  readonly event: AnyEvent
}

/** The `test` task that verifies a merged goal. */
export const verificationTask = ({ context, event }: At): EffectInput<'addTask'> => {
  const { spec } = context
  const goal = `Verify that the change merged as ${context.mergedSha} does what was asked, and add the tests that are missing.\n\nAsked was:\n\n${spec.goal}`
  return {
    spec: followUp(spec, present(context.verification, 'verification'), nowOf(event), {
      title: `Verify: ${spec.title}`,
      kind: 'test',
      type: 'test_write',
      goal,
      quoted: null,
      handoff: HANDOFF.verify,
    }),
    state: 'Ready',
  }
}

/** The goal that fixes what a `test` task found. It is not verified by a test of its own: the one that found it runs again. */
export const fixTask = ({ context, event }: At): EffectInput<'addTask'> => {
  const { spec, settled } = context
  const found = settled?.failure ?? null
  const goal = `The verification "${spec.title}" failed. Fix the cause.\n\nVerified was:\n\n${spec.goal}`
  const quoted = found === null ? null : `${found.reason}\n\n${found.excerpt ?? ''}`.trim()
  return {
    spec: followUp(spec, present(context.fix, 'fix'), nowOf(event), {
      title: `Fix: ${spec.title}`,
      kind: 'goal',
      type: 'bug_fix',
      goal,
      quoted,
      handoff: HANDOFF.fix,
    }),
    state: 'Ready',
  }
}

/** A follow-up inherits scope, risk and trust: its goal quotes the same author. What programs said is quoted apart. */
const followUp = (
  spec: TaskSpec,
  id: TaskId,
  nowMs: number,
  own: Pick<TaskSpec, 'title' | 'kind' | 'type' | 'goal' | 'quoted'> & { handoff: string },
): TaskSpec => ({
  ...spec,
  id,
  title: own.title.slice(0, 200),
  kind: own.kind,
  type: own.type,
  goal: own.goal.slice(0, 50_000),
  quoted: own.quoted?.slice(0, 50_000) ?? null,
  verify: false,
  dependsOn: [],
  labels: [],
  parent: { id: spec.id, handoff: own.handoff },
  createdAtMs: nowMs,
})
