/** Writes docs/cli.md from the program itself; with `--check` it writes nothing and fails where the page is stale. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { COMMAND_ALIASES } from '../command-aliases.ts'
import { COMMAND_GROUPS, COMMANDS } from '../commands.ts'
import { packageRoot } from '../package-root.ts'
import { describeCommand, describeStatus } from './describe-command.ts'
import { renderCli } from './render-cli.ts'

const path = join(packageRoot, 'docs/cli.md')

/** Other names of exactly this command; what stands for some of its options besides is not the same. */
const aliasesOf = (name: string): string[] =>
  [...COMMAND_ALIASES].flatMap(([alias, words]) => (words.join(' ') === name ? [alias] : []))

const groups = await Promise.all(
  COMMAND_GROUPS.map(async (title) => {
    const rows = COMMANDS.filter(({ group }) => group === title)
    const commands = await Promise.all(
      rows.map(async ({ name, load }) => {
        const { command } = await load()
        return describeCommand(command().name(name), name, aliasesOf(name))
      }),
    )
    const status = { ...describeStatus(), aliases: aliasesOf('status') }
    return { title, commands: title === 'Look' ? [status, ...commands] : commands }
  }),
)
const page = renderCli(groups)
const isStale = !existsSync(path) || readFileSync(path, 'utf8') !== page

if (process.argv.includes('--check')) {
  if (isStale) {
    console.error('docs/cli.md is stale; run: npm run docs:cli')
    process.exitCode = 1
  }
} else if (isStale) {
  writeFileSync(path, page)
}
