import { z } from 'zod'
import { GateId, Key } from '../../src/contracts/ids.ts'

/** A gate's answer to whoever opened it. For a merge it names what was approved: head and patch. */
export const GateDecided = z.object({
  type: z.literal('GATE_DECIDED'),
  gateId: GateId,
  decision: z.enum(['approved', 'rejected']),
  by: Key,
  note: z.string().max(10_000),
  signed: z.boolean(),
  headSha: z.string().nullable(),
  patchId: z.string().nullable(),
})
export type GateDecided = z.infer<typeof GateDecided>

/** Nobody decided in time; the opener may ask again with a new gate. */
export const GateExpired = z.object({ type: z.literal('GATE_EXPIRED'), gateId: GateId })
export type GateExpired = z.infer<typeof GateExpired>
