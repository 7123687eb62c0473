import { CLI_PREAMBLE } from './cli-preamble.ts'
import type { DescribedCommand } from './describe-command.ts'

/** The commands under one heading, in the order of `oc-supervise --help`. */
export interface CommandGroup {
  readonly title: string
  readonly commands: readonly DescribedCommand[]
}

/** The page about the command line as Markdown. The same program gives the same text. */
export const renderCli = (groups: readonly CommandGroup[]): string =>
  [
    '# Command line',
    '',
    '<!-- Written by `npm run docs:cli` from the program itself; edits are overwritten. -->',
    '',
    CLI_PREAMBLE,
    '',
    ...groups.flatMap(({ title, commands }) => [
      `## ${title}`,
      '',
      ...commands.flatMap((command) => section(command, 3)),
    ]),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')

const section = (command: DescribedCommand, level: number): string[] => [
  `${'#'.repeat(level)} \`${command.usage}\``,
  '',
  sentence(command.description),
  '',
  ...command.prose.flatMap((paragraph) => [escaped(paragraph), '']),
  ...(command.options.length === 0
    ? []
    : table(
        ['option', ''],
        command.options.map(({ usage, meaning }) => [`\`${usage.replaceAll('|', '\\|')}\``, cell(meaning)]),
      )),
  ...(command.exitCodes.length === 0
    ? []
    : table(
        ['exit', 'means'],
        command.exitCodes.map(({ code, meaning }) => [code, cell(meaning)]),
      )),
  // A group's example is one of its commands'; it stands there.
  ...(command.examples.length === 0 || command.subcommands.length > 0
    ? []
    : ['```sh', ...command.examples, '```', '']),
  ...(command.aliases.length === 0
    ? []
    : [`Also as ${command.aliases.map((alias) => `\`${alias}\``).join(', ')}.`, '']),
  ...command.subcommands.flatMap((each) => section(each, level + 1)),
]

const table = (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string[] => [
  `| ${head.join(' | ')} |`.replaceAll('  ', ' '),
  `|${'---|'.repeat(head.length)}`,
  ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  '',
]

const sentence = (text: string): string => {
  const plain = escaped(text)
  return `${plain.slice(0, 1).toUpperCase()}${plain.slice(1)}${plain.endsWith('.') ? '' : '.'}`
}

const cell = (text: string): string => escaped(text).replaceAll('|', '\\|')

const escaped = (text: string): string => text.replaceAll('<', '&lt;')
