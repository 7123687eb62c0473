import type { ModelWire } from '../../../../agents/agent-type.ts'

/** A tool that an agent offers to its model, by name and the names of its parameters. */
export interface OfferedTool {
  readonly name: string
  readonly parameters: readonly string[]
}

/** What the model asks its agent to run. */
export interface ToolCall {
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/** Tokens of one answer. `input` holds the cached ones too. */
export interface TokenCounts {
  readonly input: number
  readonly cachedInput: number
  readonly output: number
}

/** One call of a model, as far as an answer has to know. */
export interface WireRequest {
  readonly model: string
  readonly stream: boolean
  readonly tools: readonly OfferedTool[]
}

/** What a model answers; the id of a tool call is one for each. */
export type Reply =
  | { readonly kind: 'say'; readonly text: string; readonly usage: TokenCounts }
  | {
      readonly kind: 'call'
      readonly call: ToolCall & { readonly id: string }
      readonly usage: TokenCounts
    }

export type CallReply = Extract<Reply, { kind: 'call' }>

/** One server-sent event; `data` is written as JSON unless it is a string. */
export interface ServerEvent {
  readonly event?: string
  readonly data: unknown
}

/** One format in which models are served. `path` is what follows the base address. */
export interface Wire {
  readonly name: ModelWire
  serves(path: string): boolean
  read(body: Record<string, unknown>, path: string): WireRequest
  /** The answer in one piece. */
  whole(reply: Reply, request: WireRequest): unknown
  /** The same as a stream. */
  events(reply: Reply, request: WireRequest): readonly ServerEvent[]
}
