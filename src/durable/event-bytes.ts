import { canonicalJson } from '../contracts/canonical-json.ts'
import { JsonValue as JsonSchema, type JsonValue } from '../contracts/json.ts'
import { StoredEvent } from '../contracts/store.ts'
import { sha256 } from '../platform/sha256.ts'

/** The `prev` of a stream's first event and of the first anchor; the `stateHash` of a stream that has no state of its own. */
export const ZERO_HASH = '0'.repeat(64)

/** An event with the canonical bytes that are stored and hashed. */
export interface EncodedEvent {
  readonly bytes: string
  readonly hash: string
}

/** Serialises an event once; these bytes are what the chain binds. */
export const encodeEvent = (event: Omit<StoredEvent, 'hash'>): EncodedEvent => {
  const bytes = canonicalJson(event as unknown as JsonValue)
  return { bytes, hash: sha256(bytes) }
}

/** @throws ZodError when the bytes are no event. */
export const decodeEvent = (encoded: EncodedEvent): StoredEvent =>
  StoredEvent.parse({ ...(JsonSchema.parse(JSON.parse(encoded.bytes)) as object), hash: encoded.hash })
