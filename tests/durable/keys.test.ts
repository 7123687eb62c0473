import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/contracts/canonical-json.ts'
import { isSignedBy, signAnchor } from '../../src/durable/anchors.ts'
import { ZERO_HASH } from '../../src/durable/event-bytes.ts'
import { loadOrCreateKeys, loadPublicKey } from '../../src/durable/keys.ts'
import { makeTempDir } from '../support/temp-dir.ts'

const draft = {
  v: 1 as const,
  n: 1,
  prev: ZERO_HASH,
  at: { wallMs: 1, monoMs: 1, bootId: 'b' },
  events: 0,
  heads: [],
}

describe('the instance keys', () => {
  it('are created once, readable by the owner alone, and loaded ever after', () => {
    const dir = join(makeTempDir('keys'), 'keys')
    const first = loadOrCreateKeys(dir)
    expect(readdirSync(dir).sort()).toEqual(['instance.key', 'instance.pub'])
    expect(statSync(join(dir, 'instance.key')).mode & 0o777).toBe(0o600)
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    const signed = signAnchor(draft, loadOrCreateKeys(dir).privateKey)
    for (const key of [first.publicKey, loadPublicKey(dir), loadPublicKey(join(dir, 'instance.pub'))])
      expect(isSignedBy(canonicalJson(signed.anchor), signed.signature, key)).toBe(true)
    expect(isSignedBy(canonicalJson({ ...draft, n: 2 }), signed.signature, first.publicKey)).toBe(false)
  })

  it('come back with their public half when that alone is gone', () => {
    const dir = join(makeTempDir('keys'), 'keys')
    loadOrCreateKeys(dir)
    const before = readFileSync(join(dir, 'instance.pub'), 'utf8')
    rmSync(join(dir, 'instance.pub'))
    loadOrCreateKeys(dir)
    expect(readFileSync(join(dir, 'instance.pub'), 'utf8')).toBe(before)
  })

  it('name the file that is no key', () => {
    const dir = makeTempDir('keys')
    writeFileSync(join(dir, 'instance.key'), 'nonsense')
    expect(() => loadOrCreateKeys(dir)).toThrow(/instance\.key: not usable/)
    expect(() => loadPublicKey(join(dir, 'instance.key'))).toThrow(/instance\.key: not a public key/)
  })
})
