import { type KeyObject, sign, verify } from 'node:crypto'
import { canonicalJson } from '../contracts/canonical-json.ts'
import { sha256 } from '../platform/sha256.ts'
import type { AnchorDraft, SignedAnchor } from './anchor.ts'
import type { Store } from './store.ts'

/**
 * Anchors everything written since the last anchor; null when nothing was. Written at every run end, gate decision,
 * clean stop, and at least every 60 s while events arrive: whoever keeps an anchor can find a journal that was cut
 * or rolled back behind it.
 */
export const writeAnchor = async (
  store: Pick<Store, 'draftAnchor' | 'putAnchor'>,
  privateKey: KeyObject,
): Promise<SignedAnchor | null> => {
  for (;;) {
    const draft = await store.draftAnchor()
    if (draft === null) return null
    const anchor = signAnchor(draft, privateKey)
    if (await store.putAnchor(anchor)) return anchor
  }
}

/** Signs the canonical bytes of a draft. */
export const signAnchor = (anchor: AnchorDraft, privateKey: KeyObject): SignedAnchor => {
  const bytes = canonicalJson(anchor)
  return {
    anchor,
    signature: sign(null, Buffer.from(bytes), privateKey).toString('base64'),
    hash: sha256(bytes),
  }
}

/** True when `signature` (base64, in its one canonical form) is the key's over exactly these bytes. */
export const isSignedBy = (bytes: string, signature: string, publicKey: KeyObject): boolean => {
  const decoded = Buffer.from(signature, 'base64')
  return decoded.toString('base64') === signature && verify(null, Buffer.from(bytes), publicKey, decoded)
}
