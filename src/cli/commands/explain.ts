import { Command } from 'commander'
import { type StateOptions, withStateOptions } from '../compose/select-state.ts'
import { printAnswer } from '../print/print-answer.ts'

/** `oc-supervise explain`: every why has an answer. */
export const command = (): Command =>
  withStateOptions(new Command())
    .description(
      'Say why: the state, the event and the guards that led there, the next timed step, and what to do',
    )
    .argument('<subject>', 'a task, run, attempt, review, gate, lane or service, or a class of failure')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples\n  oc-supervise explain task-0mi6p3x8q\n  oc-supervise explain goal\n  oc-supervise explain validation_failure',
    )
    .action(async (subject: string, options: StateOptions & { json?: boolean }) => {
      const { explainSubject } = await import('../explain/explain-subject.ts')
      await printAnswer(options.json, () => explainSubject(subject, options))
    })
