/** Writes docs/cli.md from the program itself; with `--check` it writes nothing and fails where the page is stale. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { COMMAND_GROUPS, COMMANDS } from '../commands.ts'
import { packageRoot } from '../package-root.ts'
import { describeCommand, describeStatus } from './describe-command.ts'
import { renderCli } from './render-cli.ts'

const path = join(packageRoot, 'docs/cli.md')

const groups = await Promise.all(
  COMMAND_GROUPS.map(async (title) => {
    const rows = COMMANDS.filter(({ group }) => group === title)
    const commands = await Promise.all(
      rows.map(async ({ name, aliases, load }) => {
        const { command } = await load()
        return describeCommand(command().name(name), name, aliases)
      }),
    )
    return { title, commands: title === 'Look' ? [describeStatus(), ...commands] : commands }
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
