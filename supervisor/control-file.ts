import { join } from 'node:path'
import { z } from 'zod'
import { IncarnationId } from '../src/contracts/ids.ts'
import { Instant } from '../src/contracts/instant.ts'
import { readJsonFile, writeJsonAtomic } from '../src/platform/atomic-file.ts'
import type { StateLayout } from '../src/platform/state-layout.ts'

/**
 * control.json: what the supervisor tells its children, read by them between turns. `run`: claim and work. `pause`, `drain`
 * : finish what you hold, claim nothing. `stop`: SIGTERM is on its way. A child that finds a dead supervisor here also
 * claims nothing new.
 */
export const ControlFile = z.object({
  v: z.literal(1),
  at: Instant,
  supervisor: IncarnationId,
  mode: z.enum(['run', 'pause', 'drain', 'stop']),
  /** On SIGTERM: leave keepers and their agents running. */
  keepAgents: z.boolean(),
  /** Children that are to finish what they hold and then end, whatever the mode. */
  draining: z.array(z.string()),
})
export type ControlFile = z.infer<typeof ControlFile>

/** Where control.json lies. */
export const controlPath = (layout: StateLayout): string => join(layout.root, 'control.json')

/** Replaces control.json. */
export const writeControl = (layout: StateLayout, control: Omit<ControlFile, 'v'>): void =>
  writeJsonAtomic(controlPath(layout), { v: 1, ...control })

/** What the supervisor told its children last; null if nothing readable is there. */
export const readControl = (layout: StateLayout): ControlFile | null => {
  const read = readJsonFile(controlPath(layout), ControlFile)
  return read.ok ? read.value : null
}
