import { Command } from 'commander'
import { textOf } from '../look/option-values.ts'
import { RefusedError } from '../report-error.ts'

interface DemoOptions {
  readonly goal?: string
  readonly blockedPolicy?: boolean
  readonly workspacePath?: string
  readonly keep?: boolean
}

/** `oc-supervise demo`: the whole tree on a sample repository, with two murders half-way. */
export const command = (): Command =>
  new Command()
    .description(
      'Shows the whole tree at work on a sample repository, offline: three tasks become three merges, while a lane and the supervisor are killed half-way. Its agents replay recordings.',
    )
    .option(
      '--goal <text>',
      'run one task of yours instead (the recorded agent writes artifacts/demo_result.txt)',
      textOf('--goal'),
    )
    .option('--blocked-policy', 'with a policy that forbids the work: exit 1, no artefact, evidence kept')
    .option('--workspace-path <dir>', 'where to put it; kept afterwards (default: a temporary folder)')
    .option('--keep', 'keep the temporary folder')
    .addHelpText('after', '\nExamples\n  oc-supervise demo\n  oc-supervise demo --blocked-policy --keep\n')
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import('../demo/run-demo.ts')
      const outcome = await runDemo({
        goal: options.goal ?? (options.blockedPolicy === true ? 'Write a tiny artefact' : null),
        blocked: options.blockedPolicy === true,
        folder: options.workspacePath ?? null,
        keep: options.keep === true,
      })
      if (!outcome.ok) throw new RefusedError(outcome.code, outcome.message)
    })
