import { Command } from 'commander'
import type { InitOptions } from '../init/init-manifest.ts'
import { textOf } from '../look/option-values.ts'
import { printAnswer } from '../print/print-answer.ts'

/** `oc-supervise init`: a first manifest, valid as it stands. */
export const command = (): Command =>
  new Command()
    .description(
      'Writes oc-supervise.yaml for the repository in this folder: its remote, branch and tests as far as they can be found out. Asks nothing',
    )
    .option('--force', 'replace an oc-supervise.yaml that is there')
    .option(
      '--state-dir <dir>',
      'the manifest’s state_dir: state lies in <dir>/<name> (default: ~/.local/state/oc-supervise)',
      textOf('--state-dir'),
    )
    .option('--operator <name>', 'who decides gates; with --key', textOf('--operator'))
    .option('--key <file>', 'their SSH key; made (Ed25519, 0600) where no file is', textOf('--key'))
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples\n  oc-supervise init\n  oc-supervise init --operator ada --key ~/.ssh/oc-supervise-gate\n',
    )
    .action(async (options: InitOptions & { json?: boolean }) => {
      const { initManifest } = await import('../init/init-manifest.ts')
      await printAnswer(options.json, () => initManifest(process.cwd(), options))
    })
