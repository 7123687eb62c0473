import { Command, Option } from 'commander'
import { type DecisionOptions, withDecisionOptions } from '../gate/decision-options.ts'
import { textOf } from '../look/option-values.ts'
import { printAnswer } from '../print/print-answer.ts'
import { UsageError } from '../report-error.ts'

type MarkOptions = DecisionOptions & {
  readonly gate?: string
  readonly runId?: string
  readonly item?: string
  readonly decision: 'approved' | 'rejected'
}

/** `oc-supervise mark-manual-gate`: deciding a gate from a script. */
export const command = (): Command =>
  withDecisionOptions(new Command())
    .description('Decide a gate from a script')
    .option('--gate <id>', 'id of the gate', textOf('--gate'))
    .option(
      '--run-id <run>',
      'run of a playbook, with --item; this version has no playbooks',
      textOf('--run-id'),
    )
    .option('--item <item>', 'item of a playbook, with --run-id', textOf('--item'))
    .addOption(
      new Option('--decision <decision>', 'what is decided')
        .choices(['approved', 'rejected'])
        .makeOptionMandatory(),
    )
    .addHelpText(
      'after',
      "\nExample\n  oc-supervise mark-manual-gate --gate gate-0mi6p3x8q --decision approved --by ada --note 'ticket 42' --key ~/.ssh/oc-supervise-gate",
    )
    .action(async (options: MarkOptions) => {
      const gate = gateOf(options)
      const { decideGate } = await import('../gate/decide-gate.ts')
      await printAnswer(options.json, async () => decideGate(gate, options.decision, options))
    })

const gateOf = ({ gate, runId, item }: MarkOptions): string => {
  const isPlaybook = runId !== undefined || item !== undefined
  if (gate !== undefined && isPlaybook)
    throw new UsageError('name the gate with --gate, or with --run-id and --item, not both')
  if (isPlaybook) throw new UsageError('playbooks come with a later version; name the gate with --gate ID')
  if (gate === undefined)
    throw new UsageError('which gate? name it with --gate ID; `oc-supervise gate list` shows the open ones')
  return gate
}
