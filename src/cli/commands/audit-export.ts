import { Command } from 'commander'
import { type StateOptions, withStateOptions } from '../compose/select-state.ts'
import { parseDuration } from '../parse-duration.ts'
import { printAnswer } from '../print/print-answer.ts'

type AuditOptions = StateOptions & { readonly window?: number; readonly json?: boolean }

/** `oc-supervise audit-export`: `journal export --kind usage` under the name other systems know it by. */
export const command = (): Command =>
  withStateOptions(new Command())
    .description('Write what every run of an agent cost and came to as NDJSON: journal export --kind usage')
    .argument('<file>', 'a new file')
    .option('--window <duration>', 'how far back (default: all of it)', parseDuration)
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample\n  oc-supervise audit-export usage.ndjson --window 7d')
    .action(async (file: string, { window, json, ...options }: AuditOptions) => {
      const { exportUsage } = await import('../journal/export-usage.ts')
      await printAnswer(json, () => exportUsage(file, { ...options, windowMs: window ?? null }))
    })
