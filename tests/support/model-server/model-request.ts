import { listOf } from '../../../src/cli/agent/trial/wires/request-fields.ts'
import type { WireRequest } from '../../../src/cli/agent/trial/wires/wire.ts'

/** What every wire format says in its own way: one call of the model, as far as a scenario needs to know. */
export interface ModelRequest extends WireRequest {
  /** All that the user's side wrote, tool results left out. */
  readonly prompt: string
  /** Tool results since the user's last words: how far the agent has come with what it was told to do. */
  readonly step: number
}

/** One message of a conversation, in no wire's words. */
export interface Turn {
  readonly from: 'user' | 'other'
  /** Of a user's turn. */
  readonly text: string
  /** Results of tools that it carries; a turn that carries some is no new request of the user. */
  readonly toolResults: number
}

/** Prompt and step of a conversation. */
export const progressOf = (turns: readonly Turn[]): Pick<ModelRequest, 'prompt' | 'step'> => {
  const isAsking = ({ from, text, toolResults }: Turn): boolean =>
    from === 'user' && text !== '' && toolResults === 0
  const sinceAsked = turns.slice(turns.findLastIndex(isAsking) + 1)
  return {
    prompt: turns
      .filter(isAsking)
      .map(({ text }) => text)
      .join('\n'),
    step: sinceAsked.reduce((sum, { toolResults }) => sum + toolResults, 0),
  }
}

/** The text in a wire's content, which is a string or a list of parts. */
export const textIn = (content: unknown): string => {
  if (typeof content === 'string') return content
  return listOf(content)
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('\n')
}
