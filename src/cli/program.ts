import { CommanderError } from 'commander'
import { COMMAND_ALIASES } from './command-aliases.ts'
import { COMMAND_GROUPS, COMMANDS, type CommandRow, findCommand } from './commands.ts'
import { quoted } from './print/visible.ts'

/**
 * Finds the command named by `argv[0]`, by its own name or another system's, loads it and runs it.
 * @returns the exit code: 0 ok, 1 failed or refused, 2 usage; a command may set its own through process.exitCode.
 */
export const runProgram = async (argv: readonly string[]): Promise<number> => {
  const [name, ...rest] = argv
  if (name === undefined) return printUsage(2)
  if (name === 'help' && rest.length > 0) return runProgram([...rest, '--help'])
  if (name === '--help' || name === '-h' || name === 'help') return printUsage(0)
  if (name === '--version' || name === '-V') return printVersion()
  const words = COMMAND_ALIASES.get(name)
  if (words !== undefined) return runProgram([...words, ...rest])
  // Under another name; by its own, main.ts runs it without us.
  if (name === 'status') return (await import('./commands/status.ts')).statusCommand(rest)
  const row = findCommand(name)
  if (row === null) return unknownCommand(name)
  const { command } = await row.load()
  return runCommand(command().name(`oc-supervise ${row.name}`), rest)
}

const runCommand = async (
  command: ReturnType<Awaited<ReturnType<CommandRow['load']>>['command']>,
  args: readonly string[],
): Promise<number> => {
  const all = [command, ...command.commands]
  for (const each of all) each.exitOverride().showHelpAfterError('(see --help)')
  try {
    await command.parseAsync([...args], { from: 'user' })
    return typeof process.exitCode === 'number' ? process.exitCode : 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
}

const printUsage = async (code: number): Promise<number> => {
  const width = Math.max(...COMMANDS.map((row) => row.name.length), 'status'.length)
  const line = (name: string, summary: string): string => `  ${name.padEnd(width)}  ${summary}`
  const groups = COMMAND_GROUPS.map((group) => {
    const rows = COMMANDS.filter((row) => row.group === group).map((row) => line(row.name, row.summary))
    if (group === 'Look')
      rows.unshift(line('status', 'say what is alive, with proof; --exit-code for monitors'))
    return `${group}\n${rows.join('\n')}`
  })
  const out = code === 0 ? process.stdout : process.stderr
  out.write(
    `Usage: oc-supervise COMMAND [options]\n\n${groups.join('\n\n')}\n\n` +
      'Examples\n  oc-supervise run --manifest manifests/demo.yaml --until-idle\n' +
      '  oc-supervise status --manifest manifests/demo.yaml --exit-code\n\n' +
      'Every command has --help. The manifest is --manifest FILE, $OC_SUPERVISE_MANIFEST or ./oc-supervise.yaml.\n',
  )
  return code
}

const printVersion = async (): Promise<number> => {
  const { VERSION } = await import('./version.ts')
  process.stdout.write(`${VERSION}\n`)
  return 0
}

const unknownCommand = (name: string): number => {
  process.stderr.write(
    `oc-supervise: there is no command ${quoted(name.slice(0, 60))}; oc-supervise --help lists them\n`,
  )
  return 2
}
