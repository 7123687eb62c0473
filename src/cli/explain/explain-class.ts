import { FAILURE_RULES } from '../../../machines/durable/failure-rules.ts'
import type { FailureClass } from '../../contracts/failure.ts'
import { TaskId } from '../../contracts/ids.ts'
import type { Answer } from '../print/print-answer.ts'
import { formatFacts } from '../print/print-table.ts'
import { FAILURE_PAGES } from './failure-pages.ts'

const EXAMPLE = TaskId.parse('task-id')

/** `explain CLASS`: what a class of failure means, what we do about it, and what a person does. Needs no system. */
export const explainClass = (id: FailureClass): Answer => {
  const { means, remedy } = FAILURE_PAGES[id]
  const { retry, fix, nextAction } = FAILURE_RULES[id]
  const action = nextAction(EXAMPLE).replace(EXAMPLE, 'TASK')
  const weDo = [
    retry ? 'another attempt, while the task has any left' : 'no other attempt: the task is Blocked at once',
    ...(fix ? ['a failed test task also asks for a goal that fixes what it found'] : []),
  ]
  return {
    json: { id, kind: 'class', means, retried: retry, asksForFix: fix, remedy, action },
    text: `${id}: a class of failure\n${formatFacts([
      ['means', means],
      ['we do', weDo.join('\n')],
      ['you do', remedy],
      ['action', action],
    ])}`,
  }
}
