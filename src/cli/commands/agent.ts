import { Command } from 'commander'
import type { CheckOptions } from '../agent/check-agents.ts'
import { type StateOptions, withStateOptions } from '../compose/select-state.ts'
import { printAnswer } from '../print/print-answer.ts'

type Json = { readonly json?: boolean }

/** `oc-supervise agent list|check`; on its own it checks. */
export const command = (): Command =>
  new Command()
    .description('List agents, and check whether they could work here and now')
    .addCommand(
      withStateOptions(new Command('list'))
        .description('list the agents of a manifest with version, login and sandbox, and the types there are')
        .option('--json', 'print one JSON object: {"agents": […], "types": […]}')
        .addHelpText('after', '\nExample\n  oc-supervise agent list --manifest oc-supervise.yaml')
        .action(async (options: StateOptions & Json) => {
          const { listAgents } = await import('../agent/list-agents.ts')
          await printAnswer(options.json, () => listAgents(options))
        }),
    )
    .addCommand(
      withStateOptions(new Command('check'))
        .description(
          'check one agent, or all: program, version, login, sandbox, and what is missing; exit 1 if one is not ready. No login is read out, no model is asked',
        )
        .argument('[name]', 'the agent; all where none is named')
        .option('--trial', 'start the program and try it offline, as a run does when its version is new')
        .option('--json', 'print one JSON object: {"agents": […]}')
        .addHelpText(
          'after',
          '\nExamples\n  oc-supervise agent check\n  oc-supervise agent check coder --trial',
        )
        .action(async (name: string | undefined, options: CheckOptions & Json) => {
          const { checkAgents } = await import('../agent/check-agents.ts')
          await printAnswer(options.json, () => checkAgents(name, options))
        }),
      { isDefault: true },
    )
    .addHelpText('after', '\nExample\n  oc-supervise agent check')
