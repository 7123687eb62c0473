import { Command } from 'commander'
import { tellSupervisor } from '../compose/ask-supervisor.ts'
import { type StateOptions, withStateOptions } from '../compose/select-state.ts'
import { printAnswer } from '../print/print-answer.ts'

export const command = (): Command =>
  withStateOptions(
    new Command().description('Stops claiming new work; what is under way goes on. The children stay up.'),
  )
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample\n  oc-supervise pause --manifest oc-supervise.yaml\n')
    .action(async (options: StateOptions & { json?: boolean }) => {
      await printAnswer(options.json, () => tellSupervisor(options, { ask: 'pause' }))
    })
