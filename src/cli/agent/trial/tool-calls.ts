import { dirname } from 'node:path'
import type { OfferedTool, ToolCall } from './wires/wire.ts'

/**
 * The call of one of the agent's own tools that writes a file: the tool made for it, or else its shell.
 * @returns null where it offers neither by a name that is known.
 */
export const callToWrite = (
  path: string,
  content: string,
  tools: readonly OfferedTool[],
): ToolCall | null => {
  const writer = tools.find(({ name }) => WRITERS.has(name))
  if (writer !== undefined)
    return { name: writer.name, arguments: { [parameterOf(writer, PATHS)]: path, content } }
  return callToRun(
    `mkdir -p ${quoted(dirname(path))} && printf %s ${base64(content)} | base64 -d > ${quoted(path)}`,
    tools,
  )
}

/** The call of the agent's shell that runs a command; null where it offers none that is known. */
export const callToRun = (command: string, tools: readonly OfferedTool[]): ToolCall | null => {
  const shell = tools.find(({ name }) => SHELLS.has(name))
  if (shell === undefined) return null
  const { name, parameters } = shell
  // Its own patience is as long as it can be, so that a command that goes on keeps the call in flight.
  if (name === 'exec_command') return { name, arguments: { cmd: command, yield_time_ms: 30_000 } }
  if (name === 'shell') return { name, arguments: { command: ['sh', '-c', command] } }
  const why = parameters.includes('description') ? { description: 'As the plan says.' } : {}
  return { name, arguments: { command, ...why } }
}

const WRITERS = new Set(['write', 'write_file', 'Write'])
const SHELLS = new Set(['exec_command', 'shell', 'shell_command', 'bash', 'run_shell_command', 'Bash'])

/** What agents call the path of a file: they agree on what a tool does, not on the names of its parameters. */
export const PATHS = ['file_path', 'filePath', 'path']

/** The name that a tool has for one of its parameters. */
export const parameterOf = (tool: OfferedTool, names: readonly string[]): string =>
  names.find((name) => tool.parameters.includes(name)) ?? (names[0] as string)

/** One word of a shell line. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

export const base64 = (text: string): string => Buffer.from(text).toString('base64')
