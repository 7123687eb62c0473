import { Command } from 'commander'
import { type StateOptions, withStateOptions } from '../compose/select-state.ts'
import { textOf } from '../look/option-values.ts'
import { printAnswer } from '../print/print-answer.ts'

/** `oc-supervise machine list|show|export`: what may happen, as the machines themselves say it. */
export const command = (): Command =>
  new Command()
    .description(
      'Lists, draws and exports the state machines: what may happen, in which state, and by which event',
    )
    .addCommand(list())
    .addCommand(show())
    .addCommand(exported())
    .addHelpText('after', '\nExample\n  oc-supervise machine show task-0mi6p3x8q\n')

const list = (): Command =>
  new Command('list')
    .description('list every machine with its version and states')
    .option('--json', 'print one JSON object: {"machines": […]}')
    .addHelpText('after', '\nExample\n  oc-supervise machine list\n')
    .action(async (options: { json?: boolean }) => {
      const { listMachines } = await import('../machine/list-machines.ts')
      await printAnswer(options.json, async () => listMachines())
    })

const show = (): Command =>
  withStateOptions(new Command('show'))
    .description('draw a machine; for an actor also where it is, where it was, its timers and effects')
    .argument('<machine>', 'name of a machine, or id of a task, review or gate')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples\n  oc-supervise machine show gate\n  oc-supervise machine show task-0mi6p3x8q --name api\n',
    )
    .action(async (subject: string, options: StateOptions & { json?: boolean }) => {
      const { showMachine } = await import('../machine/show-machine.ts')
      await printAnswer(options.json, () => showMachine(subject, options))
    })

const exported = (): Command =>
  new Command('export')
    .description('print a machine for other tools: Mermaid, or the JSON that Stately’s editor reads')
    .argument('<machine>', 'name of a machine')
    .option('--format <format>', 'mermaid or json', textOf('--format'), 'mermaid')
    .addHelpText('after', '\nExample\n  oc-supervise machine export task --format json > task.json\n')
    .action(async (name: string, options: { format: string }) => {
      const { exportMachine } = await import('../machine/export-machine.ts')
      exportMachine(name, options.format)
    })
