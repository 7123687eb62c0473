import { Command, Option } from 'commander'
import { SPEND_GROUPS, type SpendGroup } from '../../budget/spend-report.ts'
import { type StateOptions, withStateOptions } from '../compose/select-state.ts'
import { parseDuration } from '../parse-duration.ts'
import { printAnswer } from '../print/print-answer.ts'

type SpendCommandOptions = StateOptions & {
  readonly window: number
  readonly by: SpendGroup
  readonly json?: boolean
}

const WEEK_MS = 7 * 86_400_000

/** `oc-supervise spend`. */
export const command = (): Command =>
  withStateOptions(new Command())
    .description('Say what agents used up, what is in flight, and what the caps leave')
    .addOption(
      new Option('--window <duration>', 'how far back').argParser(parseDuration).default(WEEK_MS, '7d'),
    )
    .addOption(new Option('--by <what>', 'sums by').choices(SPEND_GROUPS).default('repo'))
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nReal money and what a subscription covered stand apart; ~ marks sums with estimates.\n' +
        '\nExample\n  oc-supervise spend --window 24h --by agent',
    )
    .action(async ({ window, json, ...options }: SpendCommandOptions) => {
      const { showSpend } = await import('../spend/show-spend.ts')
      await printAnswer(json, () => showSpend({ ...options, windowMs: window }))
    })
