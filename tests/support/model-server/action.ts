import {
  base64,
  callToRun,
  callToWrite,
  PATHS,
  parameterOf,
  quoted,
} from '../../../src/cli/agent/trial/tool-calls.ts'
import type { OfferedTool, ToolCall } from '../../../src/cli/agent/trial/wires/wire.ts'

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
  const call =
    action.do === 'write'
      ? callToWrite(action.path, action.content, tools)
      : (ownTool(action, tools) ?? callToRun(shellCommand(action), tools))
  if (call !== null) return call
  throw new Error(`no tool for "${action.do}" among ${tools.map(({ name }) => name).join(', ') || 'none'}`)
}

const READERS = new Set(['read', 'read_file', 'Read'])
const REPLACERS = new Set(['edit', 'replace', 'Edit'])

const FINDS = ['old_string', 'oldString']
const WITHS = ['new_string', 'newString']

type OtherAction = Exclude<Action, { do: 'write' }>

const ownTool = (action: OtherAction, tools: readonly OfferedTool[]): ToolCall | null => {
  if (action.do === 'read') {
    const tool = tools.find(({ name }) => READERS.has(name))
    return tool ? { name: tool.name, arguments: { [parameterOf(tool, PATHS)]: action.path } } : null
  }
  if (action.do !== 'replace') return null
  const tool = tools.find(({ name }) => REPLACERS.has(name))
  if (tool === undefined) return null
  const path = { [parameterOf(tool, PATHS)]: action.path }
  if (tool.parameters.includes('edits')) {
    return {
      name: tool.name,
      arguments: { ...path, edits: [{ oldText: action.find, newText: action.with }] },
    }
  }
  const texts = { [parameterOf(tool, FINDS)]: action.find, [parameterOf(tool, WITHS)]: action.with }
  const why = tool.parameters.includes('instruction') ? { instruction: 'As the plan says.' } : {}
  return { name: tool.name, arguments: { ...path, ...why, ...texts } }
}

const shellCommand = (action: OtherAction): string => {
  switch (action.do) {
    case 'shell':
      return action.command
    case 'read':
      return `cat ${quoted(action.path)}`
    case 'delete':
      return `rm -f ${quoted(action.path)}`
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
