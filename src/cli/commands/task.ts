import { Command } from 'commander'
import { type StateOptions, withStateOptions } from '../compose/select-state.ts'
import { textOf, textsOf } from '../look/option-values.ts'
import { printAnswer } from '../print/print-answer.ts'
import type { AddOptions } from '../task/add-task.ts'
import type { ListOptions } from '../task/list-tasks.ts'
import type { AnswerOptions } from '../task/tell-task.ts'

/** `oc-supervise task add|list|show|move|cancel|retry|answer`. */
export const command = (): Command =>
  new Command()
    .description('Adds, lists and shows tasks, and tells them what a person wants')
    .addCommand(add())
    .addCommand(list())
    .addCommand(show())
    .addCommand(move())
    .addCommand(tell('cancel', 'end a task: its agent is stopped and proved dead, its work is saved'))
    .addCommand(tell('retry', 'take a Blocked task up again, with its attempts counted anew'))
    .addCommand(answer())
    .addHelpText(
      'after',
      '\nExample\n  oc-supervise task add --repo api --goal "Fix the typo in README.md"\n',
    )

type Json = { readonly json?: boolean }

const add = (): Command =>
  withStateOptions(new Command('add'))
    .description('add a task to the local board')
    .option('--goal <text>', 'what is to be done', textOf('--goal'))
    .option(
      '--file <file>',
      'a file with the task’s text (## Goal, ## Constraints, ## Execution); - for standard input',
    )
    .option('--title <line>', 'its title (default: from the text)', textOf('--title'))
    .option('--repo <key>', 'its repository (default: the only one of the manifest)', textOf('--repo'))
    .option('--kind <kind>', 'goal, test or improve', textOf('--kind'))
    .option('--priority <priority>', 'urgent, high, normal or low', textOf('--priority'))
    .option('--label <label>', 'a label; may be repeated', textsOf('--label'))
    .option('--backlog', 'put it into Backlog instead of Ready')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples\n  oc-supervise task add --repo api --goal "Fix the typo in README.md"\n  oc-supervise task add --file task.md\n',
    )
    .action(async (options: AddOptions & Json) => {
      const { addTask } = await import('../task/add-task.ts')
      await printAnswer(options.json, () => addTask(options))
    })

const list = (): Command =>
  withStateOptions(new Command('list'))
    .description('list tasks by priority and age')
    .option('--state <state>', 'only those in this state', textOf('--state'))
    .option('--kind <kind>', 'only those of this kind', textOf('--kind'))
    .option('--json', 'print one JSON object: {"tasks": […]}')
    .addHelpText('after', '\nExample\n  oc-supervise task list --state Blocked\n')
    .action(async (options: ListOptions & Json) => {
      const { listTasks } = await import('../task/list-tasks.ts')
      await printAnswer(options.json, () => listTasks(options))
    })

const show = (): Command =>
  withStateOptions(new Command('show'))
    .description('show one task: where it stands, what it waits for, its comments')
    .argument('<task>', 'id of the task')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample\n  oc-supervise task show task-fix-typo\n')
    .action(async (task: string, options: StateOptions & Json) => {
      const { showTask } = await import('../task/show-task.ts')
      await printAnswer(options.json, () => showTask(task, options))
    })

const move = (): Command =>
  withStateOptions(new Command('move'))
    .description(
      'move a task’s card; a person’s move wins: off Running its agent is stopped and proved dead first, its work saved',
    )
    .argument('<task>', 'id of the task')
    .argument('<state>', 'Backlog, Ready, Blocked, Done or Cancelled')
    .option('--reason <text>', 'why', textOf('--reason'), '')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample\n  oc-supervise task move task-fix-typo Ready\n')
    .action(async (task: string, state: string, options: StateOptions & Json & { reason: string }) => {
      const { moveTask } = await import('../task/move-task.ts')
      await printAnswer(options.json, () => moveTask(task, state, options))
    })

const tell = (verb: 'cancel' | 'retry', summary: string): Command =>
  withStateOptions(new Command(verb))
    .description(summary)
    .argument('<task>', 'id of the task')
    .option('--json', 'print one JSON object')
    .addHelpText('after', `\nExample\n  oc-supervise task ${verb} task-fix-typo\n`)
    .action(async (task: string, options: StateOptions & Json) => {
      const { tellTask } = await import('../task/tell-task.ts')
      await printAnswer(options.json, () => tellTask(task, verb, options))
    })

const answer = (): Command =>
  withStateOptions(new Command('answer'))
    .description('answer the question a Blocked task asks')
    .argument('<task>', 'id of the task')
    .requiredOption('--text <text>', 'the answer', textOf('--text'))
    .option(
      '--question <id>',
      'the question that is meant, as `task show` names it; refused if another one is open now',
      textOf('--question'),
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample\n  oc-supervise task answer task-fix-typo --text "British spelling"\n')
    .action(async (task: string, options: AnswerOptions & Json) => {
      const { answerTask } = await import('../task/tell-task.ts')
      await printAnswer(options.json, () => answerTask(task, options))
    })
