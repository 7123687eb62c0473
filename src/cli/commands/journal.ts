import { Command, Option } from 'commander'
import { type StateOptions, withStateOptions } from '../compose/select-state.ts'
import { parseDuration } from '../parse-duration.ts'
import { printAnswer } from '../print/print-answer.ts'

type JournalOptions = StateOptions & { readonly json?: boolean }
type ExportOptions = JournalOptions & { readonly kind: 'events' | 'usage'; readonly window?: number }

/** `oc-supervise journal export|import`. */
export const command = (): Command =>
  new Command()
    .description('Export and import the journal')
    .addCommand(
      withStateOptions(new Command('export'))
        .description(
          'write all events and anchors as NDJSON; `verify` needs only that file and the public key',
        )
        .argument('<file>', 'a new file')
        .addOption(
          new Option('--kind <kind>', 'all events, or one line for every run of an agent')
            .choices(['events', 'usage'])
            .default('events'),
        )
        .option('--window <duration>', 'with --kind usage: how far back (default: all of it)', parseDuration)
        .option('--json', 'print one JSON object')
        .addHelpText(
          'after',
          '\nExamples\n  oc-supervise journal export journal.ndjson\n' +
            '  oc-supervise journal export usage.ndjson --kind usage --window 7d',
        )
        .action(async (file: string, { kind, window, ...options }: ExportOptions) => {
          if (kind === 'usage') {
            const { exportUsage } = await import('../journal/export-usage.ts')
            return printAnswer(options.json, () =>
              exportUsage(file, { ...options, windowMs: window ?? null }),
            )
          }
          const { exportTo } = await import('../journal/export-to.ts')
          return printAnswer(options.json, () => exportTo(file, options))
        }),
    )
    .addCommand(
      withStateOptions(new Command('import'))
        .description('build a journal to read and verify in a new state folder; nothing can run on it')
        .argument('<file>', 'an export')
        .option('--json', 'print one JSON object')
        .addHelpText(
          'after',
          '\nExample\n  oc-supervise journal import journal.ndjson --state-dir ./looked-at',
        )
        .action(async (file: string, options: JournalOptions) => {
          const { importFrom } = await import('../journal/import-from.ts')
          await printAnswer(options.json, () => importFrom(file, options))
        }),
    )
    .addHelpText('after', '\nExample\n  oc-supervise journal export journal.ndjson')
