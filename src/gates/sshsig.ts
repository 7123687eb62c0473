import { createHash } from 'node:crypto'
import { decodeBase64, SshFormatError, sshReader, sshString, sshUint32 } from './ssh-wire.ts'

/** An OpenSSH signature file, unwrapped (OpenSSH PROTOCOL.sshsig, version 1, hash sha512). */
export interface SshSig {
  /** The signer's public key in wire form. */
  readonly publicKey: Buffer
  readonly namespace: string
  /** The signature in wire form: algorithm and bytes. */
  readonly signature: Buffer
}

export type DecodedSshSig =
  | { readonly ok: true; readonly sig: SshSig }
  | { readonly ok: false; readonly reason: string }

/** The bytes a signer's key signs for `message`: never the message itself, so no other protocol's signature fits. */
export const sshSigMessage = (namespace: string, message: Uint8Array): Buffer =>
  Buffer.concat([
    MAGIC,
    sshString(namespace),
    sshString(RESERVED),
    sshString(HASH),
    sshString(createHash(HASH).update(message).digest()),
  ])

/** Writes the armour that `ssh-keygen -Y verify` reads. */
export const encodeSshSig = (sig: SshSig): string => {
  const blob = Buffer.concat([
    MAGIC,
    sshUint32(VERSION),
    sshString(sig.publicKey),
    sshString(sig.namespace),
    sshString(RESERVED),
    sshString(HASH),
    sshString(sig.signature),
  ])
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? []
  return `${[BEGIN, ...lines, END].join('\n')}\n`
}

/**
 * Reads the armour that `ssh-keygen -Y sign` writes. Stricter than OpenSSH on purpose: one spelling of base64, no
 * bytes outside the armour, nothing in the reserved field, sha512 only. Whatever is not covered by the signature
 * is not allowed to vary.
 */
export const decodeSshSig = (armoured: string): DecodedSshSig => {
  if (armoured.length > MAX_LENGTH) return refused('the signature is too long to be one')
  const match =
    /^-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+?)\r?\n-----END SSH SIGNATURE-----[\r\n]*$/.exec(
      armoured,
    )
  if (match?.[1] === undefined) return refused(`the signature is not a file that begins with ${BEGIN}`)
  const blob = decodeBase64(match[1].replace(/[\r\n]/g, ''))
  if (blob === null) return refused('the signature is not base64 within its armour')
  try {
    return readBlob(blob)
  } catch (error) {
    if (error instanceof SshFormatError) return refused(error.message)
    throw error
  }
}

const readBlob = (blob: Buffer): DecodedSshSig => {
  const reader = sshReader(blob, 'the signature')
  if (!reader.bytes(MAGIC.length).equals(MAGIC)) return refused('the signature does not begin with SSHSIG')
  const version = reader.uint32()
  if (version !== VERSION)
    return refused(`the signature has SSHSIG version ${version}; we read version ${VERSION}`)
  const publicKey = reader.string()
  const namespace = reader.name()
  if (reader.string().length > 0) return refused("the signature's reserved field is not empty")
  const hash = reader.name()
  if (hash !== HASH) return refused(`the signature hashes with "${hash}"; sign with -O hashalg=${HASH}`)
  const signature = reader.string()
  reader.end()
  return { ok: true, sig: { publicKey, namespace, signature } }
}

const refused = (reason: string): DecodedSshSig => ({ ok: false, reason })

const MAGIC = Buffer.from('SSHSIG')
const VERSION = 1
const RESERVED = ''
const HASH = 'sha512'
const BEGIN = '-----BEGIN SSH SIGNATURE-----'
const END = '-----END SSH SIGNATURE-----'
/** An RSA key of 16384 bits signs in less than a third of this. */
const MAX_LENGTH = 20_000
