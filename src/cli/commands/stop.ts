import { Command } from 'commander'
import { askSupervisor, saying } from '../compose/ask-supervisor.ts'
import { awaitStop } from '../compose/await-stop.ts'
import { type StateOptions, withStateOptions } from '../compose/select-state.ts'
import { printAnswer } from '../print/print-answer.ts'

interface StopFlags extends StateOptions {
  readonly drain?: boolean
  readonly keepAgents?: boolean
  readonly now?: boolean
  readonly wait: boolean
  readonly json?: boolean
}

export const command = (): Command =>
  withStateOptions(
    new Command().description(
      'Stops a running tree cleanly: nothing new is claimed, agents are stopped, their work is kept for the next run.',
    ),
  )
    .option('--drain', 'let attempts that are under way finish first')
    .option('--keep-agents', 'leave agents running under their keepers, for an upgrade')
    .option('--now', 'end everything at once')
    .option('--no-wait', 'return as soon as the supervisor has heard it')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample\n  oc-supervise stop --drain\n')
    .action(async (flags: StopFlags) => {
      await printAnswer(flags.json, async () => {
        const { stateDir, message } = await askSupervisor(flags, {
          ask: 'stop',
          drain: flags.drain === true,
          keepAgents: flags.keepAgents === true,
          kill: flags.now === true,
        })
        if (!flags.wait) return saying(message)
        await awaitStop(stateDir)
        return saying('stopped')
      })
    })
