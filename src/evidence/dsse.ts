import { type KeyObject, verify } from 'node:crypto'
import { z } from 'zod'
import type { EvidenceSigner } from './attempt-evidence.ts'

/** The payload type of in-toto statements. */
const IN_TOTO_PAYLOAD = 'application/vnd.in-toto+json'

/** A DSSE envelope, JSON form (https://github.com/secure-systems-lab/dsse). */
export const DsseEnvelope = z.object({
  payloadType: z.string(),
  payload: z.base64(),
  signatures: z.array(z.object({ keyid: z.string(), sig: z.base64() })).min(1),
})
export type DsseEnvelope = z.infer<typeof DsseEnvelope>

/** DSSE's pre-authentication encoding: the bytes that are signed. Lengths are of bytes, not of characters. */
export const preAuthEncoding = (payloadType: string, payload: Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `, 'utf8'),
    payload,
  ])

/** Wraps and signs an in-toto statement. */
export const signEnvelope = (payload: Uint8Array, signer: EvidenceSigner): DsseEnvelope => ({
  payloadType: IN_TOTO_PAYLOAD,
  payload: Buffer.from(payload).toString('base64'),
  signatures: [
    {
      keyid: signer.keyId,
      sig: Buffer.from(signer.sign(preAuthEncoding(IN_TOTO_PAYLOAD, payload))).toString('base64'),
    },
  ],
})

/** The payload, if one of the signatures is by this key. `keyid` is only a hint and proves nothing, so all are tried. */
export const openEnvelope = (envelope: DsseEnvelope, publicKey: KeyObject): Buffer | null => {
  const payload = Buffer.from(envelope.payload, 'base64')
  const signed = preAuthEncoding(envelope.payloadType, payload)
  const isSigned = envelope.signatures.some(({ sig }) =>
    verify(null, signed, publicKey, Buffer.from(sig, 'base64')),
  )
  return isSigned && envelope.payloadType === IN_TOTO_PAYLOAD ? payload : null
}
