import { Command } from 'commander'
import { askSupervisor, printAnswer } from '../compose/ask-supervisor.ts'
import { type StateOptions, withStateOptions } from '../compose/select-state.ts'

export const command = (): Command =>
  withStateOptions(new Command().description('Claims work again after a pause.'))
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample\n  oc-supervise unpause --manifest oc-supervise.yaml\n')
    .action(async (options: StateOptions & { json?: boolean }) => {
      printAnswer(options.json, await askSupervisor(options, { ask: 'unpause' }))
    })
