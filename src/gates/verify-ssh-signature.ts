import { createHash, verify } from 'node:crypto'
import { readMagnitude, type SshKeyType } from './read-key-object.ts'
import type { SshPublicKey } from './ssh-public-key.ts'
import { SshFormatError, sshReader } from './ssh-wire.ts'

/** Null when the signature is good, else one sentence that says why it is not. */
export type SignatureFault = string | null

/**
 * Checks one SSH signature blob over `message`, in process, for every key type in SSH_KEY_TYPES. SHA-1 is refused;
 * hardware keys must have been touched.
 */
export const verifySshSignature = (
  key: SshPublicKey,
  signatureBlob: Buffer,
  message: Buffer,
): SignatureFault => {
  try {
    return check(key, signatureBlob, message)
  } catch (error) {
    if (error instanceof SshFormatError) return error.message
    throw error
  }
}

const check = (key: SshPublicKey, signatureBlob: Buffer, message: Buffer): SignatureFault => {
  const rules = RULES[key.type]
  const reader = sshReader(signatureBlob, 'the signature')
  const algorithm = reader.name()
  const digest = rules.digests[algorithm]
  if (digest === undefined) return `a ${key.type} key must not sign with "${algorithm}"`
  const signature = rules.signature(reader.string())
  const hardware = key.application === null ? null : { flags: reader.byte(), counter: reader.bytes(4) }
  reader.end()
  if (hardware !== null && (hardware.flags & TOUCHED) === 0)
    return 'the hardware key was not touched when it signed'
  const signed =
    key.application === null || hardware === null
      ? message
      : hardwareMessage(key.application, hardware, message)
  const good = verify(digest, signed, { key: key.keyObject, dsaEncoding: 'ieee-p1363' }, signature)
  return good ? null : 'the signature does not match the statement'
}

const TOUCHED = 0x01

/** What a FIDO key really signs (OpenSSH PROTOCOL.u2f): hash of the application, flags, counter, hash of the message. */
const hardwareMessage = (
  application: Buffer,
  said: { flags: number; counter: Buffer },
  message: Buffer,
): Buffer =>
  Buffer.concat([sha256Bytes(application), Buffer.from([said.flags]), said.counter, sha256Bytes(message)])

const sha256Bytes = (data: Buffer): Buffer => createHash('sha256').update(data).digest()

interface KeyRules {
  /** Signature algorithms this key type may make, with the digest of each; null where the algorithm has its own. */
  readonly digests: Readonly<Record<string, string | null>>
  /** Turns the wire form of a signature into what node:crypto checks. */
  readonly signature: (wire: Buffer) => Buffer
}

const asIs = (wire: Buffer): Buffer => wire

/** Two numbers become the pair of fixed size that node:crypto calls ieee-p1363. */
const pairOf =
  (size: number) =>
  (wire: Buffer): Buffer => {
    const reader = sshReader(wire, 'the signature')
    const pair = [readMagnitude(reader), readMagnitude(reader)].map((number) => {
      if (number.length > size) throw new SshFormatError('the signature holds a number that is too large')
      return Buffer.concat([Buffer.alloc(size - number.length), number])
    })
    reader.end()
    return Buffer.concat(pair)
  }

const RULES: Readonly<Record<SshKeyType, KeyRules>> = {
  'ssh-ed25519': { digests: { 'ssh-ed25519': null }, signature: asIs },
  'sk-ssh-ed25519@openssh.com': { digests: { 'sk-ssh-ed25519@openssh.com': null }, signature: asIs },
  'ecdsa-sha2-nistp256': { digests: { 'ecdsa-sha2-nistp256': 'sha256' }, signature: pairOf(32) },
  'ecdsa-sha2-nistp384': { digests: { 'ecdsa-sha2-nistp384': 'sha384' }, signature: pairOf(48) },
  'ecdsa-sha2-nistp521': { digests: { 'ecdsa-sha2-nistp521': 'sha512' }, signature: pairOf(66) },
  'sk-ecdsa-sha2-nistp256@openssh.com': {
    digests: { 'sk-ecdsa-sha2-nistp256@openssh.com': 'sha256' },
    signature: pairOf(32),
  },
  'ssh-rsa': { digests: { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }, signature: asIs },
}
