import type { Refusal, Reply } from '../answer.ts'
import type { ModelRequest } from '../model-request.ts'

/** One server-sent event; `data` is written as JSON unless it is a string. */
export interface ServerEvent {
  readonly event?: string
  readonly data: unknown
}

/** How a refusal goes over the wire. */
export interface RefusalOnWire {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** One format in which models are served. `path` is what follows the base address. */
export interface Wire {
  readonly name: 'responses' | 'chat' | 'anthropic' | 'gemini'
  serves(path: string): boolean
  /** The headers that may carry the key. */
  readonly authHeaders: readonly string[]
  read(body: Record<string, unknown>, path: string): ModelRequest
  /** The answer in one piece. */
  whole(reply: Reply, request: ModelRequest): unknown
  /** The same as a stream. */
  events(reply: Reply, request: ModelRequest): readonly ServerEvent[]
  refuse(refusal: Refusal, nowMs: number): RefusalOnWire
}
