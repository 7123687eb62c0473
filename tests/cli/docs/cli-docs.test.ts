import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { describe, expect, it } from 'vitest'
import { describeCommand, describeStatus } from '../../../src/cli/docs/describe-command.ts'
import { renderCli } from '../../../src/cli/docs/render-cli.ts'
import { packageRoot } from '../../../src/cli/package-root.ts'

const greet = () =>
  new Command('greet')
    .description('Greets <somebody>')
    .argument('<name>', 'whom')
    .argument('[others...]', 'and whom besides')
    .requiredOption('--how <tone>', 'how it sounds')
    .addOption(new Option('--in <language>').choices(['en', 'de']).default('en'))
    .addOption(new Option('--secret').hideHelp())
    .addHelpText('after', '\nSays nothing twice.\n\nExit codes\n  0   heard\n  10  nobody there\n')
    .addHelpText('after', '\nExamples\n  greet ada\n  greet ada bob --how low | cat\n')

const page = (command: Command, aliases: string[] = []) =>
  renderCli([{ title: 'Run', commands: [describeCommand(command, command.name(), aliases)] }])

describe('a command on the page', () => {
  it('says usage, options with what they take, exit codes, examples and aliases', () => {
    const [, text] = page(greet(), ['hail']).split('## Run\n\n')
    expect(text).toBe(
      [
        '### `greet <name> [others...]`',
        '',
        'Greets &lt;somebody>.',
        '',
        'Says nothing twice.',
        '',
        '| option | |',
        '|---|---|',
        '| `name` | whom |',
        '| `others` | and whom besides |',
        '| `--how <tone>` | how it sounds (required) |',
        '| `--in <language>` |  (en or de; default: en) |',
        '',
        '| exit | means |',
        '|---|---|',
        '| 0 | heard |',
        '| 10 | nobody there |',
        '',
        '```sh',
        'greet ada',
        'greet ada bob --how low | cat',
        '```',
        '',
        'Also as `hail`.',
        '',
      ].join('\n'),
    )
  })

  it('says every command of a group, one level deeper', () => {
    const text = page(new Command('people').description('all of them').addCommand(greet()))
    expect(text).toContain('### `people`\n\nAll of them.\n\n#### `people greet <name> [others...]`\n')
  })
})

it('reads options and exit codes of status from its own usage', () => {
  const status = describeStatus()
  expect(status.options).toContainEqual({ usage: '--run-id RUN', meaning: 'the claim about one run' })
  expect(status.options.every(({ usage, meaning }) => usage !== '' && meaning !== '')).toBe(true)
  expect(status.exitCodes.map(({ code }) => code)).toEqual(['0', '2', '10', '11', '12', '13'])
  expect(status.examples).toEqual(['oc-supervise status --name api --exit-code --accept waiting'])
})

it('the committed page is what the program is', () => {
  const script = join(packageRoot, 'src/cli/docs/write-cli-docs.ts')
  execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })
})
