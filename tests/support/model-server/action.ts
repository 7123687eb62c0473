import { dirname } from 'node:path'
import type { ToolCall } from './answer.ts'
import type { OfferedTool } from './model-request.ts'

/** What the model wants done, in no agent's words. Paths are relative to the working folder. */
export type Action =
  | { readonly do: 'read'; readonly path: string }
  | { readonly do: 'write'; readonly path: string; readonly content: string }
  | { readonly do: 'replace'; readonly path: string; readonly find: string; readonly with: string }
  | { readonly do: 'delete'; readonly path: string }
  | { readonly do: 'shell'; readonly command: string }

/**
 * The call of one of the agent's own tools that does it: the tool made for it, or else its shell.
 * @throws Error where the agent offers neither.
 */
export const callFor = (action: Action, tools: readonly OfferedTool[]): ToolCall => {
  const own = ownTool(action, tools)
  if (own !== null) return own
  const shell = tools.find(({ name }) => SHELLS.has(name))
  if (shell !== undefined) return callShell(shell, shellCommand(action))
  throw new Error(`no tool for "${action.do}" among ${tools.map(({ name }) => name).join(', ') || 'none'}`)
}

const READERS = new Set(['read', 'read_file', 'Read'])
const WRITERS = new Set(['write', 'write_file', 'Write'])
const REPLACERS = new Set(['edit', 'replace', 'Edit'])
const SHELLS = new Set(['exec_command', 'shell', 'shell_command', 'bash', 'run_shell_command', 'Bash'])

/** Agents agree on what a tool does, not on the names of its parameters. */
const PATHS = ['file_path', 'filePath', 'path']
const FINDS = ['old_string', 'oldString']
const WITHS = ['new_string', 'newString']

const ownTool = (action: Action, tools: readonly OfferedTool[]): ToolCall | null => {
  if (action.do === 'read') {
    const tool = tools.find(({ name }) => READERS.has(name))
    return tool ? { name: tool.name, arguments: { [named(tool, PATHS)]: action.path } } : null
  }
  if (action.do === 'write') {
    const tool = tools.find(({ name }) => WRITERS.has(name))
    return tool
      ? { name: tool.name, arguments: { [named(tool, PATHS)]: action.path, content: action.content } }
      : null
  }
  if (action.do !== 'replace') return null
  const tool = tools.find(({ name }) => REPLACERS.has(name))
  if (tool === undefined) return null
  const path = { [named(tool, PATHS)]: action.path }
  if (tool.parameters.includes('edits')) {
    return {
      name: tool.name,
      arguments: { ...path, edits: [{ oldText: action.find, newText: action.with }] },
    }
  }
  const texts = { [named(tool, FINDS)]: action.find, [named(tool, WITHS)]: action.with }
  const why = tool.parameters.includes('instruction') ? { instruction: 'As the plan says.' } : {}
  return { name: tool.name, arguments: { ...path, ...why, ...texts } }
}

const named = (tool: OfferedTool, names: readonly string[]): string =>
  names.find((name) => tool.parameters.includes(name)) ?? (names[0] as string)

const callShell = (tool: OfferedTool, command: string): ToolCall => {
  if (tool.name === 'exec_command') {
    // Its own patience is as long as it can be, so that a command that goes on keeps the call in flight.
    return { name: tool.name, arguments: { cmd: command, yield_time_ms: 30_000 } }
  }
  if (tool.name === 'shell') return { name: tool.name, arguments: { command: ['sh', '-c', command] } }
  const why = tool.parameters.includes('description') ? { description: 'As the plan says.' } : {}
  return { name: tool.name, arguments: { command, ...why } }
}

const shellCommand = (action: Action): string => {
  switch (action.do) {
    case 'shell':
      return action.command
    case 'read':
      return `cat ${quoted(action.path)}`
    case 'delete':
      return `rm -f ${quoted(action.path)}`
    case 'write':
      return `mkdir -p ${quoted(dirname(action.path))} && printf %s ${base64(action.content)} | base64 -d > ${quoted(action.path)}`
    case 'replace':
      return `node -e ${quoted(REPLACE)} ${base64(JSON.stringify([action.path, action.find, action.with]))}`
  }
}

/** Replaces the one place where a text stands; there must be exactly one. */
const REPLACE = `
const fs = require('node:fs')
const [path, find, text] = JSON.parse(Buffer.from(process.argv[1], 'base64').toString())
const parts = fs.readFileSync(path, 'utf8').split(find)
if (parts.length !== 2) throw new Error('not exactly one place')
fs.writeFileSync(path, parts.join(text))
`

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
const base64 = (text: string): string => Buffer.from(text).toString('base64')
