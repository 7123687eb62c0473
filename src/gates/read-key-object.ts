import { createPublicKey, type KeyObject } from 'node:crypto'
import { SshFormatError, type SshReader, sshReader } from './ssh-wire.ts'

/** The key types whose signatures we accept; see `verifySshSignature`. */
export const SSH_KEY_TYPES = [
  'ssh-ed25519',
  'sk-ssh-ed25519@openssh.com',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'ssh-rsa',
] as const
export type SshKeyType = (typeof SSH_KEY_TYPES)[number]

/** A public key in wire form, made usable. */
export interface WireKey {
  readonly keyObject: KeyObject
  /** What a FIDO key signs in front of the message; null for keys that are no hardware keys. */
  readonly application: Buffer | null
}

/**
 * Reads a public key in SSH wire form, to its last byte.
 * @throws SshFormatError when the bytes are not a whole key of that type, or an RSA key has fewer than 2048 bits.
 */
export const readKeyObject = (type: SshKeyType, blob: Buffer): WireKey => {
  const reader = sshReader(blob, 'the public key')
  if (reader.name() !== type) throw new SshFormatError(`the key's bytes are not a ${type} key`)
  const jwk = READERS[type](reader)
  const application = type.startsWith('sk-') ? reader.string() : null
  reader.end()
  const keyObject = load(jwk, type)
  if (type === 'ssh-rsa' && (keyObject.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
    throw new SshFormatError('the RSA key has fewer than 2048 bits')
  }
  return { keyObject, application }
}

/** A positive mpint's bytes without its sign byte. Only the shortest spelling passes. */
export const readMagnitude = (reader: SshReader): Buffer => {
  const mpint = reader.string()
  const [first = 0x80, second = 0] = mpint
  if (first >= 0x80 || (first === 0 && second < 0x80)) {
    throw new SshFormatError('a number is not positive or not in its shortest form')
  }
  return first === 0 ? mpint.subarray(1) : mpint
}

const load = (jwk: Record<string, string>, type: SshKeyType): KeyObject => {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch {
    throw new SshFormatError(`the bytes are not a valid ${type} key`)
  }
}

const ed25519 = (reader: SshReader) => ({ kty: 'OKP', crv: 'Ed25519', x: base64url(reader.string()) })

const ecdsa =
  (curve: 'P-256' | 'P-384' | 'P-521', size: number) =>
  (reader: SshReader): Record<string, string> => {
    reader.name()
    const point = reader.string()
    if (point.length !== 1 + 2 * size || point[0] !== UNCOMPRESSED) {
      throw new SshFormatError('the public key is not a whole point')
    }
    const [x, y] = [point.subarray(1, 1 + size), point.subarray(1 + size)]
    return { kty: 'EC', crv: curve, x: base64url(x), y: base64url(y) }
  }

const rsa = (reader: SshReader) => {
  const [e, n] = [readMagnitude(reader), readMagnitude(reader)]
  return { kty: 'RSA', e: base64url(e), n: base64url(n) }
}

const base64url = (bytes: Buffer): string => bytes.toString('base64url')

const UNCOMPRESSED = 4

const READERS: Readonly<Record<SshKeyType, (reader: SshReader) => Record<string, string>>> = {
  'ssh-ed25519': ed25519,
  'sk-ssh-ed25519@openssh.com': ed25519,
  'ecdsa-sha2-nistp256': ecdsa('P-256', 32),
  'ecdsa-sha2-nistp384': ecdsa('P-384', 48),
  'ecdsa-sha2-nistp521': ecdsa('P-521', 66),
  'sk-ecdsa-sha2-nistp256@openssh.com': ecdsa('P-256', 32),
  'ssh-rsa': rsa,
}
