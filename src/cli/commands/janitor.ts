import { Command } from 'commander'
import { withStateOptions } from '../compose/select-state.ts'
import type { JanitorOptions } from '../janitor/run-janitor.ts'
import { printAnswer } from '../print/print-answer.ts'

/** `oc-supervise janitor`: what `retention` no longer keeps. */
export const command = (): Command =>
  withStateOptions(new Command())
    .description(
      'Removes what the manifest’s retention no longer keeps, of tasks that are over: evidence, keeper files, saved work, workspaces left behind, rotated logs, mirrors nobody needs; moves the journal’s history of such tasks into archive/',
    )
    .option('--dry-run', 'only say what would go, why, and how many bytes')
    .option('--json', 'print one JSON object: {"removed": […], "kept": […]}')
    .addHelpText(
      'after',
      '\nIt may run while the system does. What is not proved saved stays, and is named.\n' +
        '\nExamples\n  oc-supervise janitor --dry-run\n  oc-supervise janitor --name api --json\n',
    )
    .action(async (options: JanitorOptions & { json?: boolean }) => {
      const { runJanitor } = await import('../janitor/run-janitor.ts')
      await printAnswer(options.json, () => runJanitor(options))
    })
