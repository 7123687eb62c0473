import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { sshString, sshUint32 } from '../../gates/ssh-wire.ts'
import { randomHex } from '../../platform/random.ts'

/** A new key pair, as `ssh-keygen -t ed25519 -N ''` writes its two files. */
export interface KeyFiles {
  readonly privateText: string
  /** One line, as in a `.pub` file. */
  readonly publicLine: string
}

/** Makes an Ed25519 key pair without a passphrase. @param comment who or what it is for */
export const makeKeyFiles = (comment: string): KeyFiles => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { point, seed } = partsOf(privateKey)
  const publicBlob = Buffer.concat([sshString(TYPE), sshString(point)])
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...['none', 'none', ''].map(sshString),
    sshUint32(1),
    sshString(publicBlob),
    sshString(secretPart(point, seed, comment)),
  ]).toString('base64')
  return {
    privateText: [
      '-----BEGIN OPENSSH PRIVATE KEY-----',
      ...(body.match(/.{1,70}/g) ?? []),
      '-----END OPENSSH PRIVATE KEY-----',
      '',
    ].join('\n'),
    publicLine: `${TYPE} ${publicBlob.toString('base64')} ${comment}`,
  }
}

const TYPE = 'ssh-ed25519'

/** OpenSSH PROTOCOL.key: the same number twice, the key, its comment, then 1, 2, 3 … up to the cipher's block of 8. */
const secretPart = (point: Buffer, seed: Buffer, comment: string): Buffer => {
  const check = Buffer.from(randomHex(4), 'hex')
  const whole = Buffer.concat([
    check,
    check,
    sshString(TYPE),
    sshString(point),
    sshString(Buffer.concat([seed, point])),
    sshString(comment),
  ])
  const padding = (8 - (whole.length % 8)) % 8
  return Buffer.concat([whole, Buffer.from([...Array(padding).keys()].map((at) => at + 1))])
}

const partsOf = (key: KeyObject): { point: Buffer; seed: Buffer } => {
  const { x, d } = key.export({ format: 'jwk' })
  return { point: Buffer.from(x ?? '', 'base64url'), seed: Buffer.from(d ?? '', 'base64url') }
}
