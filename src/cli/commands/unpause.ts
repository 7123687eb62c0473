import { Command } from 'commander'
import { tellSupervisor } from '../compose/ask-supervisor.ts'
import { type StateOptions, withStateOptions } from '../compose/select-state.ts'
import { printAnswer } from '../print/print-answer.ts'

export const command = (): Command =>
  withStateOptions(new Command().description('Claims work again after a pause.'))
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample\n  oc-supervise unpause --manifest oc-supervise.yaml\n')
    .action(async (options: StateOptions & { json?: boolean }) => {
      await printAnswer(options.json, () => tellSupervisor(options, { ask: 'unpause' }))
    })
