import { z } from 'zod'
import { Sha256 } from '../contracts/ids.ts'
import { Instant } from '../contracts/instant.ts'

/** One anchor before it is signed: the heads that changed since the one before, and how many events there are in all. */
export const AnchorDraft = z.object({
  v: z.literal(1),
  n: z.number().int().positive(),
  /** Hash of the anchor before it; 64 zeros for the first. */
  prev: Sha256,
  at: Instant,
  events: z.number().int().nonnegative(),
  heads: z.array(z.object({ stream: z.string(), seq: z.number().int().positive(), hash: Sha256 })),
})
export type AnchorDraft = z.infer<typeof AnchorDraft>

/** A draft with its Ed25519 signature (base64) over canonicalJson of the draft; `hash` is the SHA-256 of those bytes. */
export const SignedAnchor = z.object({ anchor: AnchorDraft, signature: z.string().min(1), hash: Sha256 })
export type SignedAnchor = z.infer<typeof SignedAnchor>
