import type { Argument, Command, Option } from 'commander'
import { STATUS_USAGE } from '../../../supervisor/status/parse-flags.ts'
import { type AfterHelp, readAfterHelp } from './read-after-help.ts'

/** One row of a command's table: an option or an argument as one types it, and what it means. */
export interface DescribedOption {
  readonly usage: string
  readonly meaning: string
}

/** A command as its page needs it; the same facts that `--help` prints. */
export interface DescribedCommand extends AfterHelp {
  /** With the arguments: `restart [child]`. */
  readonly usage: string
  readonly description: string
  readonly options: readonly DescribedOption[]
  readonly aliases: readonly string[]
  readonly subcommands: readonly DescribedCommand[]
}

/** The options that name a system, documented once for all commands (withStateOptions). */
const STATE_OPTIONS: readonly string[] = ['--manifest', '--name', '--state-dir']

/** Reads a commander command. @param path the words before it: `gate` for `gate list` */
export const describeCommand = (
  command: Command,
  path: string,
  aliases: readonly string[] = [],
): DescribedCommand => ({
  usage: [path, ...command.registeredArguments.map(argumentUsage)].join(' '),
  description: command.description(),
  options: optionsOf(command),
  aliases,
  subcommands: command.commands.map((each) => describeCommand(each, `${path} ${each.name()}`)),
  ...readAfterHelp(textAfterHelp(command)),
})

/** `status` has no commander: its usage text is read instead. */
export const describeStatus = (usage: string = STATUS_USAGE): DescribedCommand => {
  const [, description = '', options = '', ...after] = usage.trim().split('\n\n')
  return {
    usage: 'status',
    description: description.trim(),
    options: options.split('\n').map((line) => {
      const [, flags = '', meaning = ''] = /^ {2}(--\S+(?: \S+)?) {2,}(.+)$/.exec(line) ?? []
      return { usage: flags, meaning }
    }),
    aliases: [],
    subcommands: [],
    ...readAfterHelp(after.join('\n\n')),
  }
}

const optionsOf = (command: Command): DescribedOption[] => {
  const options = command.options.filter(({ hidden }) => !hidden)
  const isStateful = STATE_OPTIONS.every((long) => options.some((option) => option.long === long))
  const own = options.filter(({ long }) => !isStateful || !STATE_OPTIONS.includes(long ?? ''))
  return [
    ...command.registeredArguments.map((argument) => ({
      usage: argument.name(),
      meaning: argument.description,
    })),
    ...own.map((option) => ({ usage: option.flags, meaning: meaningOf(option) })),
    ...(isStateful ? [{ usage: STATE_OPTIONS.join(', '), meaning: 'see above' }] : []),
  ]
}

const meaningOf = (option: Option): string => {
  const notes = [
    ...(option.mandatory ? ['required'] : []),
    ...(option.argChoices === undefined ? [] : [option.argChoices.join(' or ')]),
    ...(option.defaultValue === undefined || option.defaultValue === ''
      ? []
      : [`default: ${option.defaultValueDescription ?? String(option.defaultValue)}`]),
  ]
  return notes.length === 0 ? option.description : `${option.description} (${notes.join('; ')})`
}

const argumentUsage = (argument: Argument): string => {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${name}>` : `[${name}]`
}

/** What `addHelpText('after', …)` put there: commander keeps it to itself until the help is printed. */
const textAfterHelp = (command: Command): string => {
  let printed = ''
  command.configureOutput({ writeOut: (text) => (printed += text) }).outputHelp()
  return printed.slice(command.helpInformation().length)
}
