import { Command } from 'commander'
import { withStateOptions } from '../compose/select-state.ts'
import type { InspectOptions } from '../inspect/inspect-system.ts'
import { DEFAULT_INSPECT_PORT, portOf } from '../inspect/port-option.ts'
import { printingRefusal } from '../print/print-answer.ts'

/** `oc-supervise inspect`: tasks, reviews and gates for tools that read Stately's inspection events. */
export const command = (): Command =>
  withStateOptions(new Command())
    .description(
      'Serves tasks, reviews and gates as Stately inspection events over a WebSocket on 127.0.0.1, read off the journal: of a running system or a past one',
    )
    .argument(
      '[subject]',
      'one run, task, review or gate, from its beginning (default: everything, from now on)',
    )
    .option('--port <n>', 'port to listen on; 0 takes any free one', portOf('--port'), DEFAULT_INSPECT_PORT)
    .option('--once', 'print all events so far as one JSON object a line, and end')
    .option('--json', 'print address and port as one JSON object')
    .addHelpText(
      'after',
      '\nExamples\n  oc-supervise inspect --port 8080\n  oc-supervise inspect task-0mi6p3x8q --once > frames.ndjson\n',
    )
    .action(async (subject: string | undefined, options: InspectOptions) => {
      const { inspectSystem } = await import('../inspect/inspect-system.ts')
      await printingRefusal(options.json, () => inspectSystem(subject ?? null, options))
    })
