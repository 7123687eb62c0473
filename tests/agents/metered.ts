import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentType } from '../../src/agents/agent-type.ts'
import type { MeterReading } from '../../src/contracts/meter.ts'
import { createMeter } from '../../supervisor/keeper/meter.ts'
import { recordedRun } from './recorded-run.ts'

/** What a keeper would have counted while this recorded run was under way. */
export const metered = (agent: AgentType, name: string): MeterReading => {
  const meter = createMeter({ rules: agent.meter, price: null, files: [], usedBefore: null }, null)
  const { streams } = recordedRun(agent.type, name)
  for (const line of readFileSync(streams.stdout.file, 'utf8').split('\n')) meter.read(line, 0)
  return meter.reading
}

/** What it would have counted of what a run wrote in its HOME alone. */
export const meteredSession = (agent: AgentType, name: string): MeterReading => {
  const files = [...(agent.meterFiles ?? [])]
  const meter = createMeter({ rules: [], price: null, files, usedBefore: null }, null)
  const path = join(import.meta.dirname, '../fixtures/streams', agent.type, `${name}.jsonl`)
  for (const line of readFileSync(path, 'utf8').split('\n'))
    for (const file of files) meter.readFile(file, line, 0)
  return meter.reading
}
