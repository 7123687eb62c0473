import { readFileSync } from 'node:fs'
import type { AgentType } from '../../src/agents/agent-type.ts'
import type { MeterReading } from '../../src/contracts/meter.ts'
import { createMeter } from '../../supervisor/keeper/meter.ts'
import { recordedRun } from './recorded-run.ts'

/** What a keeper would have counted while this recorded run was under way. */
export const metered = (agent: AgentType, name: string): MeterReading => {
  const meter = createMeter({ rules: agent.meter, price: null }, null)
  const { streams } = recordedRun(agent.type, name)
  for (const line of readFileSync(streams.stdout.file, 'utf8').split('\n')) meter.read(line, 0)
  return meter.reading
}
