import { join } from 'node:path'
import { z } from 'zod'
import { Sha256 } from '../src/contracts/ids.ts'
import { Instant } from '../src/contracts/instant.ts'
import { readJsonFile, writeJsonAtomic } from '../src/platform/atomic-file.ts'

/**
 * What a supervisor remembers of a child beside its registration, for whoever adopts it. Without it a survivor cannot be
 * known to run the wanted spec, and is ended and started anew.
 */
const ChildMemory = z.object({
  v: z.literal(1),
  specHash: Sha256,
  /** When it was found ready; null before that. */
  readyAt: Instant.nullable(),
})
export type ChildMemory = z.infer<typeof ChildMemory>

const pathIn = (registrationDir: string): string => join(registrationDir, 'child.json')

/** Writes the memory of one incarnation into its registration folder. */
export const writeChildMemory = (registrationDir: string, memory: Omit<ChildMemory, 'v'>): void =>
  writeJsonAtomic(pathIn(registrationDir), { v: 1, ...memory }, { durable: false })

/** Reads it back; null where there is none. */
export const readChildMemory = (registrationDir: string): ChildMemory | null => {
  const read = readJsonFile(pathIn(registrationDir), ChildMemory)
  return read.ok ? read.value : null
}
