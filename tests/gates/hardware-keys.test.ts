import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parsePublicKey } from '../../src/gates/ssh-public-key.ts'
import { sshString, sshUint32 } from '../../src/gates/ssh-wire.ts'
import { encodeSshSig, sshSigMessage } from '../../src/gates/sshsig.ts'
import { verifySshSignature } from '../../src/gates/verify-ssh-signature.ts'
import { type KeyFolder, keyFolder } from './support/ssh-tools.ts'

/**
 * No test machine has a finger to touch a security key with, so we play the key: we sign what a FIDO authenticator
 * would sign, and let the real `ssh-keygen -Y verify` judge whether we played it right.
 */
const NAMESPACE = 'oc-supervise-gate'
const MESSAGE = Buffer.from('statement')
const APPLICATION = 'ssh:'
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest()

interface Authenticator {
  readonly type: string
  readonly blob: Buffer
  readonly signRaw: (data: Buffer) => Buffer
}

const ed25519 = (): Authenticator => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const type = 'sk-ssh-ed25519@openssh.com'
  const blob = Buffer.concat([sshString(type), sshString(jwk(publicKey, 'x')), sshString(APPLICATION)])
  return { type, blob, signRaw: (data) => sign(null, data, privateKey) }
}

const ecdsa = (): Authenticator => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const type = 'sk-ecdsa-sha2-nistp256@openssh.com'
  const point = Buffer.concat([Buffer.from([4]), jwk(publicKey, 'x'), jwk(publicKey, 'y')])
  const blob = Buffer.concat([
    sshString(type),
    sshString('nistp256'),
    sshString(point),
    sshString(APPLICATION),
  ])
  const signRaw = (data: Buffer) => {
    const pair = sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
    return Buffer.concat([mpint(pair.subarray(0, 32)), mpint(pair.subarray(32))])
  }
  return { type, blob, signRaw }
}

const jwk = (key: KeyObject, field: 'x' | 'y') =>
  Buffer.from(key.export({ format: 'jwk' })[field] ?? '', 'base64url')

const mpint = (bytes: Buffer): Buffer => {
  const start = bytes.findIndex((byte) => byte !== 0)
  const short = bytes.subarray(start)
  return sshString((short[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), short]) : short)
}

const signatureOf = (key: Authenticator, flags: number, counter: number): Buffer => {
  const tail = Buffer.concat([Buffer.from([flags]), sshUint32(counter)])
  const data = Buffer.concat([sha256(APPLICATION), tail, sha256(sshSigMessage(NAMESPACE, MESSAGE))])
  return Buffer.concat([sshString(key.type), sshString(key.signRaw(data)), tail])
}

describe.each([
  ['sk-ssh-ed25519', ed25519],
  ['sk-ecdsa', ecdsa],
])('%s', (_name, make) => {
  let keys: KeyFolder
  beforeAll(() => {
    keys = keyFolder()
  })
  afterAll(() => keys.remove())

  const key = make()
  const line = `${key.type} ${key.blob.toString('base64')}`
  const parsed = parsePublicKey(line)
  const faultOf = (signature: Buffer) =>
    parsed.ok ? verifySshSignature(parsed.key, signature, sshSigMessage(NAMESPACE, MESSAGE)) : parsed.reason

  test('a touched signature is accepted by us and by ssh-keygen', () => {
    const signature = signatureOf(key, 0x01, 7)
    expect(faultOf(signature)).toBeNull()
    const armoured = encodeSshSig({ publicKey: key.blob, namespace: NAMESPACE, signature })
    expect(keys.verify('ada', line, NAMESPACE, MESSAGE, armoured)).toBe(true)
  })

  test('a signature without a touch is refused', () => {
    expect(faultOf(signatureOf(key, 0x00, 7))).toMatch(/not touched/)
  })

  test('flags and counter are part of what is signed', () => {
    const signature = signatureOf(key, 0x01, 7)
    signature.writeUInt8(0x05, signature.length - 5)
    expect(faultOf(signature)).toMatch(/does not match/)
    const counted = signatureOf(key, 0x01, 7)
    counted.writeUInt32BE(8, counted.length - 4)
    expect(faultOf(counted)).toMatch(/does not match/)
  })
})
