import { type KeyObject, sign } from 'node:crypto'
import { sha256 } from '../platform/sha256.ts'
import type { EvidenceSigner } from './attempt-evidence.ts'

/** Makes a signer of the instance's Ed25519 key pair. */
export const evidenceSigner = (keys: { privateKey: KeyObject; publicKey: KeyObject }): EvidenceSigner => ({
  keyId: sha256(keys.publicKey.export({ type: 'spki', format: 'der' })),
  publicKey: keys.publicKey,
  sign: (bytes) => sign(null, bytes, keys.privateKey),
})
