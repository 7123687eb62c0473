import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { SshFormatError, sshReader } from './ssh-wire.ts'

/** What we can do with the text of a private key file. */
export type PrivateKeyText =
  /** We sign in process. `publicKey` is the wire form. */
  | { readonly kind: 'ed25519'; readonly privateKey: KeyObject; readonly publicKey: Buffer }
  /** A private key that only OpenSSH can use: encrypted, another type, or a hardware handle. */
  | { readonly kind: 'foreign'; readonly why: string }
  | { readonly kind: 'unreadable'; readonly reason: string }

/** Reads an `openssh-key-v1` file (OpenSSH PROTOCOL.key). Other PEM private keys are left to ssh-keygen. */
export const parsePrivateKey = (text: string): PrivateKeyText => {
  const pem = /^-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----\r?\n([\s\S]*?)-----END \1-----\s*$/.exec(
    text.trimStart(),
  )
  if (pem === null) return { kind: 'unreadable', reason: 'it is not a private key file' }
  if (pem[1] !== 'OPENSSH PRIVATE KEY')
    return { kind: 'foreign', why: `it is a ${pem[1]}, not an OpenSSH key file` }
  try {
    return readKey(Buffer.from(pem[2] ?? '', 'base64'))
  } catch (error) {
    if (error instanceof SshFormatError) return { kind: 'unreadable', reason: error.message }
    throw error
  }
}

const readKey = (blob: Buffer): PrivateKeyText => {
  const reader = sshReader(blob, 'the private key file')
  if (!reader.bytes(MAGIC.length).equals(MAGIC))
    return { kind: 'unreadable', reason: 'it is no openssh-key-v1 file' }
  const cipher = reader.name()
  reader.name()
  reader.string()
  if (reader.uint32() !== 1) return { kind: 'unreadable', reason: 'it holds more than one key' }
  const publicKey = reader.string()
  const secret = reader.string()
  reader.end()
  const type = sshReader(publicKey, 'the public key').name()
  if (type !== 'ssh-ed25519') return { kind: 'foreign', why: `it is a ${type} key` }
  if (cipher !== 'none') return { kind: 'foreign', why: 'it is encrypted with a passphrase' }
  return readEd25519(secret, publicKey)
}

const readEd25519 = (secret: Buffer, publicKey: Buffer): PrivateKeyText => {
  const reader = sshReader(secret, 'the private key')
  const [check, again] = [reader.uint32(), reader.uint32()]
  if (check !== again) return { kind: 'unreadable', reason: 'its check numbers differ' }
  reader.name()
  const point = reader.string()
  const seed = reader.string().subarray(0, 32)
  if (point.length !== 32 || seed.length !== 32)
    return { kind: 'unreadable', reason: 'its key has the wrong size' }
  const privateKey = createPrivateKey({
    key: { kty: 'OKP', crv: 'Ed25519', d: seed.toString('base64url'), x: point.toString('base64url') },
    format: 'jwk',
  })
  const derived = createPublicKey(privateKey).export({ format: 'jwk' }).x
  const agrees = derived === point.toString('base64url') && publicKey.subarray(-32).equals(point)
  return agrees
    ? { kind: 'ed25519', privateKey, publicKey }
    : { kind: 'unreadable', reason: 'its public and private halves do not belong together' }
}

const MAGIC = Buffer.from('openssh-key-v1\0')
