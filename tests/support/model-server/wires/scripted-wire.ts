import type { Wire } from '../../../../src/cli/agent/trial/wires/wire.ts'
import type { Refusal } from '../answer.ts'
import type { ModelRequest } from '../model-request.ts'

/** How a refusal goes over the wire. */
export interface RefusalOnWire {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** A format in which models are served, with what a scenario needs besides: how far the agent has come, and refusals. */
export interface ScriptedWire extends Wire {
  /** The headers that may carry the key. */
  readonly authHeaders: readonly string[]
  read(body: Record<string, unknown>, path: string): ModelRequest
  refuse(refusal: Refusal, nowMs: number): RefusalOnWire
}
