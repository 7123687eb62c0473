import { Command } from 'commander'
import { type StateOptions, withStateOptions } from '../compose/select-state.ts'
import { printAnswer } from '../print/print-answer.ts'

type JournalOptions = StateOptions & { readonly json?: boolean }

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
        .option('--json', 'print one JSON object')
        .addHelpText('after', '\nExample\n  oc-supervise journal export journal.ndjson')
        .action(async (file: string, options: JournalOptions) => {
          const { exportTo } = await import('../journal/export-to.ts')
          await printAnswer(options.json, () => exportTo(file, options))
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
