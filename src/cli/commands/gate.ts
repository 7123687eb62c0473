import { Command } from 'commander'
import { type StateOptions, withStateOptions } from '../compose/select-state.ts'
import { type DecisionOptions, withDetachedOptions } from '../gate/decision-options.ts'
import { printAnswer } from '../print/print-answer.ts'

/** `oc-supervise gate list|show|approve|reject`; see docs/gates.md. */
export const command = (): Command =>
  new Command()
    .description('List, show, approve and reject human decisions')
    .addCommand(list())
    .addCommand(show())
    .addCommand(decide('approve'))
    .addCommand(decide('reject'))
    .addHelpText('after', '\nExample\n  oc-supervise gate list --manifest oc-supervise.yaml')

const list = (): Command =>
  withStateOptions(new Command('list'))
    .description('list the gates that wait for a decision')
    .option('--ids', 'print nothing but their ids, one a line')
    .option('--json', 'print one JSON object: {"gates": […]}')
    .addHelpText('after', '\nExample\n  oc-supervise gate list --ids')
    .action(async (options: StateOptions & { ids?: boolean; json?: boolean }) => {
      const { listGates } = await import('../gate/list-gates.ts')
      await printAnswer(options.json, () => listGates(options))
    })

const show = (): Command =>
  withStateOptions(new Command('show'))
    .description('show what is asked, why, the diff and the hash a decision is bound to')
    .argument('<gate>', 'id of the gate')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample\n  oc-supervise gate show gate-0mi6p3x8q | less -R')
    .action(async (gate: string, options: StateOptions & { json?: boolean }) => {
      const { showGate } = await import('../gate/show-gate.ts')
      await printAnswer(options.json, () => showGate(gate, options))
    })

const decide = (verb: 'approve' | 'reject'): Command =>
  withDetachedOptions(new Command(verb))
    .description(`${verb} what a gate asks, with a signed decision`)
    .argument('<gate>', 'id of the gate')
    .addHelpText(
      'after',
      `\nExample\n  oc-supervise gate ${verb} gate-0mi6p3x8q --by ada --note 'read the diff' --key ~/.ssh/oc-supervise-gate`,
    )
    .action(async (gate: string, options: DecisionOptions) => {
      const { decideGate } = await import('../gate/decide-gate.ts')
      await printAnswer(options.json, async () =>
        decideGate(gate, verb === 'approve' ? 'approved' : 'rejected', options),
      )
    })
