import { Command } from 'commander'
import { withStateOptions } from '../compose/select-state.ts'
import { textOf } from '../look/option-values.ts'
import { printAnswer } from '../print/print-answer.ts'
import type { VerifyOptions } from '../verify/verify-target.ts'

/** `oc-supervise verify`: journal, anchors and evidence. */
export const command = (): Command =>
  withStateOptions(new Command())
    .description('Verify the live state (journal and all evidence), one run, or an export')
    .argument(
      '[target]',
      'a run, an export or database of a journal, or a folder of evidence (default: the live state)',
    )
    .option(
      '--against <anchor>',
      'an anchor kept elsewhere, or its hash: finds a rolled-back journal',
      textOf('--against'),
    )
    .option(
      '--public-key <file>',
      "the instance's public key in PEM (default: the live state's own)",
      textOf('--public-key'),
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nAltered or missing: exit 1. What no anchor covers yet is stated and counts as intact.\n' +
        '\nExample\n  oc-supervise verify export.ndjson --public-key instance.pub --against anchor.json',
    )
    .action(async (target: string | undefined, options: VerifyOptions & { json?: boolean }) => {
      const { verifyTarget } = await import('../verify/verify-target.ts')
      await printAnswer(options.json, () => verifyTarget(target ?? null, options))
    })
