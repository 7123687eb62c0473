import { Command } from 'commander'
import { textOf } from '../look/option-values.ts'
import { printAnswer } from '../print/print-answer.ts'

interface ManifestOptions {
  readonly manifest?: string
  readonly effective?: boolean
  readonly json?: boolean
}

/** `oc-supervise manifest check|show|schema`. */
export const command = (): Command =>
  new Command()
    .description('Check or show a manifest, print its schema')
    .addCommand(
      named('check')
        .description('check a manifest; every problem with file, line, column and remedy')
        .addHelpText('after', '\nExample\n  oc-supervise manifest check manifests/demo.yaml')
        .action(async (file: string | undefined, options: ManifestOptions) => {
          const { checkManifest } = await import('../manifest/check-manifest.ts')
          await checkManifest(file ?? options.manifest, options.json === true)
        }),
    )
    .addCommand(
      named('show')
        .description('show what a manifest comes to; secrets only by reference')
        .option('--effective', 'every value in force, with the line it comes from')
        .addHelpText(
          'after',
          '\nExample\n  oc-supervise manifest show --effective --manifest manifests/demo.yaml',
        )
        .action(async (file: string | undefined, options: ManifestOptions) => {
          const { showManifest } = await import('../manifest/show-manifest.ts')
          await printAnswer(options.json, async () =>
            showManifest(file ?? options.manifest, options.effective === true),
          )
        }),
    )
    .addCommand(
      new Command('schema')
        .description('print the JSON Schema of a manifest, for editors')
        .option('--json', 'on one line')
        .addHelpText('after', '\nExample\n  oc-supervise manifest schema > manifest.schema.json')
        .action(async (options: ManifestOptions) => {
          const { manifestJsonSchema } = await import('../../manifest/json-schema.ts')
          const { agentTypes } = await import('../../agents/agent-types.ts')
          const schema = manifestJsonSchema(agentTypes().map(({ type }) => type))
          await printAnswer(options.json, async () => ({
            json: schema,
            text: JSON.stringify(schema, null, 2),
          }))
        }),
    )
    .addHelpText('after', '\nExample\n  oc-supervise manifest check --manifest oc-supervise.yaml')

const named = (name: string): Command =>
  new Command(name)
    .argument('[file]', 'the manifest; the same as --manifest')
    .option(
      '--manifest <file>',
      'the manifest (default: $OC_SUPERVISE_MANIFEST, ./oc-supervise.yaml)',
      textOf('--manifest'),
    )
    .option('--json', 'print one JSON object')
