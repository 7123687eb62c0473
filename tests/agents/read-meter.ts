import type { AgentType } from '../../src/agents/agent-type.ts'
import type { MeterReading, TokenPrice } from '../../src/contracts/meter.ts'
import { createMeter } from '../../supervisor/keeper/meter.ts'

/** What a keeper's own meter reads of a stream by a type's rules, and whether a tool call is still in flight then. */
export const readMeter = (
  agent: AgentType,
  stream: string,
  price: TokenPrice | null = null,
): MeterReading & { readonly inFlight: boolean } => {
  const meter = createMeter({ rules: agent.meter, price, files: [], usedBefore: null }, null)
  for (const [index, line] of stream.split('\n').entries()) meter.read(line, index)
  return { ...meter.reading, inFlight: meter.toolSinceMs !== null }
}
