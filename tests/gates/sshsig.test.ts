import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parsePublicKey, type SshPublicKey } from '../../src/gates/ssh-public-key.ts'
import { sshString, sshUint32 } from '../../src/gates/ssh-wire.ts'
import { decodeSshSig, encodeSshSig, sshSigMessage } from '../../src/gates/sshsig.ts'
import { verifySshSignature } from '../../src/gates/verify-ssh-signature.ts'
import { type KeyFolder, keyFolder } from './support/ssh-tools.ts'

const NAMESPACE = 'oc-supervise-gate'
const MESSAGE = Buffer.from('{"gate":"gate-1"}')

let keys: KeyFolder
beforeAll(() => {
  keys = keyFolder()
})
afterAll(() => keys.remove())

const publicKey = (line: string): SshPublicKey => {
  const parsed = parsePublicKey(line)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.key
}

const decoded = (armoured: string) => {
  const result = decodeSshSig(armoured)
  if (!result.ok) throw new Error(result.reason)
  return result.sig
}

/** Decodes what ssh-keygen wrote, and checks it the way a gate does. */
const faultOf = (line: string, armoured: string, message: Buffer, namespace = NAMESPACE) =>
  verifySshSignature(publicKey(line), decoded(armoured).signature, sshSigMessage(namespace, message))

describe('signatures of the real ssh-keygen', () => {
  test.each([
    ['ed25519', 'ed25519', undefined],
    ['ecdsa-256', 'ecdsa', 256],
    ['ecdsa-384', 'ecdsa', 384],
    ['ecdsa-521', 'ecdsa', 521],
    ['rsa-3072', 'rsa', 3072],
  ])('%s: what ssh-keygen signs, we accept; another message or namespace, we refuse', (name, type, bits) => {
    const file = keys.make(name, type, bits === undefined ? {} : { bits })
    const armoured = keys.sign(file, NAMESPACE, MESSAGE)
    const line = keys.publicLine(name)
    expect(decoded(armoured).namespace).toBe(NAMESPACE)
    expect(decoded(armoured).publicKey.equals(publicKey(line).blob)).toBe(true)
    expect(faultOf(line, armoured, MESSAGE)).toBeNull()
    expect(faultOf(line, armoured, Buffer.from('{"gate":"gate-2"}'))).toMatch(/does not match/)
    expect(faultOf(line, armoured, MESSAGE, 'git')).toMatch(/does not match/)
  })

  test('armour survives decoding and encoding byte for byte', () => {
    const armoured = keys.sign(keys.make('round', 'ed25519'), NAMESPACE, MESSAGE)
    expect(encodeSshSig(decoded(armoured))).toBe(armoured)
  })

  test('a hundred ECDSA signatures, whose numbers differ in length, are all read', () => {
    const file = keys.make('lengths', 'ecdsa', { bits: 521 })
    const line = keys.publicLine('lengths')
    for (let n = 0; n < 100; n++) {
      const message = Buffer.from(`message ${n}`)
      expect(faultOf(line, keys.sign(file, NAMESPACE, message), message)).toBeNull()
    }
  })

  test('an RSA key of 1024 bits is refused', () => {
    keys.make('weak', 'rsa', { bits: 1024 })
    expect(() => publicKey(keys.publicLine('weak'))).toThrow(/fewer than 2048/)
  })

  test('a signature that hashes with sha256 is refused with the option that helps', () => {
    const armoured = keys.sign(keys.make('sha256', 'ed25519'), NAMESPACE, MESSAGE, ['-O', 'hashalg=sha256'])
    expect(decodeSshSig(armoured)).toEqual({ ok: false, reason: expect.stringContaining('hashalg=sha512') })
  })
})

describe('armour that is not exactly one signature', () => {
  const good = () =>
    encodeSshSig({ publicKey: sshString('ssh-ed25519'), namespace: NAMESPACE, signature: Buffer.from('s') })
  const blobOf = (armoured: string) => Buffer.from(armoured.replace(/-----.*-----/g, ''), 'base64')
  const wrap = (blob: Buffer) =>
    `-----BEGIN SSH SIGNATURE-----\n${blob.toString('base64')}\n-----END SSH SIGNATURE-----\n`

  test('the sample itself is read', () => expect(decodeSshSig(good()).ok).toBe(true))

  test.each<[string, () => string, RegExp]>([
    ['nothing', () => '', /BEGIN SSH SIGNATURE/],
    ['a PGP block', () => good().replaceAll('SSH', 'PGP'), /BEGIN SSH SIGNATURE/],
    ['text before it', () => `x\n${good()}`, /BEGIN SSH SIGNATURE/],
    ['text behind it', () => `${good()}x`, /BEGIN SSH SIGNATURE/],
    ['spaces inside', () => good().replace('\n', '\n '), /BEGIN SSH SIGNATURE/],
    [
      'another spelling of the base64',
      () => wrap(blobOf(good())).replace('\n-----END', '=\n-----END'),
      /base64/,
    ],
    ['bytes behind the signature', () => wrap(Buffer.concat([blobOf(good()), Buffer.from([0])])), /too many/],
    ['half of it', () => wrap(blobOf(good()).subarray(0, 30)), /too early/],
    [
      'another magic',
      () => wrap(Buffer.from(blobOf(good()).toString('latin1').replace('SSHSIG', 'SSHSIX'), 'latin1')),
      /SSHSIG/,
    ],
    [
      'version 2',
      () => wrap(Buffer.concat([Buffer.from('SSHSIG'), sshUint32(2), blobOf(good()).subarray(10)])),
      /version 2/,
    ],
    ['a reserved field', () => wrap(reserved()), /reserved/],
    ['a megabyte', () => wrap(Buffer.alloc(1_000_000)), /too long/],
  ])('%s is refused', (_name, make, reason) => {
    const result = decodeSshSig(make())
    expect(result).toEqual({ ok: false, reason: expect.stringMatching(reason) })
  })

  const reserved = () =>
    Buffer.concat([
      Buffer.from('SSHSIG'),
      sshUint32(1),
      ...[sshString('ssh-ed25519'), NAMESPACE, 'x', 'sha512', 's'].map((field) => sshString(field)),
    ])
})
