import { Command } from 'commander'
import { tellSupervisor } from '../compose/ask-supervisor.ts'
import { type StateOptions, withStateOptions } from '../compose/select-state.ts'
import { printAnswer } from '../print/print-answer.ts'

export const command = (): Command =>
  withStateOptions(
    new Command()
      .description(
        'Restarts one child, or all of them. Agents and their keepers are not touched; a quarantine ends.',
      )
      .argument('[child]', 'a lane or service; all of them where none is named'),
  )
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample\n  oc-supervise restart goal\n')
    .action(async (child: string | undefined, options: StateOptions & { json?: boolean }) => {
      const what = { ask: 'restart', child: child ?? null } as const
      await printAnswer(options.json, () => tellSupervisor(options, what))
    })
