import { Command, Option } from 'commander'
import { manifestPath } from '../compose/read-manifest.ts'
import { DEFAULT_INSPECT_PORT, portOf } from '../inspect/port-option.ts'
import { parseDuration } from '../parse-duration.ts'
import { printAnswer, printingRefusal } from '../print/print-answer.ts'
import { RefusedError } from '../report-error.ts'

interface RunOptions {
  readonly manifest?: string
  readonly untilIdle?: boolean
  readonly maxWait: number
  readonly dryRun?: boolean
  readonly detach?: boolean
  readonly inspect?: number | boolean
  readonly json?: boolean
}

export const command = (): Command =>
  new Command()
    .description(
      'Runs the supervised tree of a manifest in the foreground. The first SIGINT or SIGTERM stops it cleanly, a second one at once.',
    )
    .option('--manifest <file>', 'what to run (default: $OC_SUPERVISE_MANIFEST, ./oc-supervise.yaml)')
    .option(
      '--until-idle',
      'end when nothing is left to do: exit 0, 3 if a task is Blocked, 10 if one waits for a person or is not finished',
    )
    .addOption(
      new Option(
        '--max-wait <duration>',
        'with --until-idle: how long retries and back-offs may keep it alive',
      )
        .argParser(parseDuration)
        .default(86_400_000, '24h'),
    )
    .option('--dry-run', 'say what would run; writes nothing')
    .option('--detach', 'run in the background; returns once the tree is up')
    .addOption(
      new Option(
        '--inspect [port]',
        'serve the actors to inspection tools on this port of 127.0.0.1 (default: 8080)',
      ).argParser(portOf('--inspect')),
    )
    .option('--json', 'print one JSON object at the end instead of lines')
    .addHelpText('after', EXIT_CODES)
    .addHelpText('after', '\nExample\n  oc-supervise run --manifest manifests/demo.yaml --until-idle\n')
    .action(runAction)

const EXIT_CODES = `
Exit codes
  0    stopped cleanly; with --until-idle: every task this run touched is done
  1    refused, for example because another supervisor runs there
  2    the manifest or an option is wrong
  3    --until-idle: a task is Blocked
  10   --until-idle: a task waits for a person, or is not finished: put off past --max-wait, or its lane is off
  130  a second signal ended it at once
`

const runAction = async (options: RunOptions): Promise<void> => {
  const path = manifestPath(options.manifest)
  if (options.dryRun === true) {
    const { describeRun } = await import('../run/describe-run.ts')
    return describeRun(path, options.json === true)
  }
  if (options.detach === true) {
    const { detachRun } = await import('../run/detach-run.ts')
    return printAnswer(options.json, () => detachRun(path, process.argv))
  }
  const [{ runTree }, { reporterFor }, { outliveTerminal }] = await Promise.all([
    import('../run/run-tree.ts'),
    import('../run/reporter-for.ts'),
    import('../run/outlive-terminal.ts'),
  ])
  outliveTerminal()
  const run = {
    manifestPath: path,
    untilIdle: options.untilIdle === true,
    maxWaitMs: options.maxWait,
    inspectPort: options.inspect === true ? DEFAULT_INSPECT_PORT : options.inspect || null,
    reporter: reporterFor(options.json === true),
  }
  process.exitCode = await printingRefusal(options.json, () => runTree(run).catch(asRefusal))
}

/** @throws RefusedError where another supervisor runs; else the same error. */
const asRefusal = (error: Error & { readonly code?: unknown }): never => {
  const { code, message } = error
  throw code === 'supervisor_already_running' ? new RefusedError(code, message) : error
}
