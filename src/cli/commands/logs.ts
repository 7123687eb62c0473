import { Command } from 'commander'
import { type StateOptions, withStateOptions } from '../compose/select-state.ts'
import { countOf } from '../look/option-values.ts'

type LogsOptions = StateOptions & { readonly follow?: boolean; readonly lines: number }

const DEFAULT_LINES = 100

/** `oc-supervise logs`. Text of agents and tasks is printed with its control characters made visible. */
export const command = (): Command =>
  withStateOptions(new Command())
    .description("Print the log of a child, or what a run's agent wrote")
    .argument('[subject]', "a lane or service, a run, task or attempt (default: the supervisor's decisions)")
    .option('-f, --follow', 'go on printing what is written, until interrupted')
    .option('-n, --lines <count>', 'how many lines of the end', countOf('--lines'), DEFAULT_LINES)
    .addHelpText('after', '\nExamples\n  oc-supervise logs goal -f\n  oc-supervise logs run-0mi6p3x8q -n 20')
    .action(async (subject: string | undefined, options: LogsOptions) => {
      const { logFiles } = await import('../logs/log-files.ts')
      const { followLogs, printLogs } = await import('../logs/print-logs.ts')
      const followers = printLogs(await logFiles(subject ?? null, options), options.lines)
      if (options.follow === true) await followLogs(followers)
    })
