import { Command } from 'commander'
import { type StateOptions, withStateOptions } from '../compose/select-state.ts'
import { printAnswer } from '../print/print-answer.ts'

type RunsOptions = StateOptions & { readonly json?: boolean }

/** `oc-supervise runs list|show`. */
export const command = (): Command =>
  new Command()
    .description('List and show runs and their evidence')
    .addCommand(
      withStateOptions(new Command('list'))
        .description('list all runs, the latest last')
        .option('--json', 'print one JSON object: {"runs": […]}')
        .addHelpText('after', '\nExample\n  oc-supervise runs list --manifest oc-supervise.yaml')
        .action(async (options: RunsOptions) => {
          const { listRuns } = await import('../runs/list-runs.ts')
          await printAnswer(options.json, () => listRuns(options))
        }),
    )
    .addCommand(
      withStateOptions(new Command('show'))
        .description('show one run, its attempts and the files of their evidence')
        .argument('<run>', 'id of the run')
        .option('--json', 'print one JSON object')
        .addHelpText('after', '\nExample\n  oc-supervise runs show run-0mi6p3x8q')
        .action(async (run: string, options: RunsOptions) => {
          const { showRun } = await import('../runs/show-run.ts')
          await printAnswer(options.json, () => showRun(run, options))
        }),
    )
    .addHelpText('after', '\nExample\n  oc-supervise runs list')
