import { generateKeyPairSync } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { preAuthEncoding } from '../../src/evidence/dsse.ts'
import { verifyEvidence } from '../../src/evidence/verify-evidence.ts'
import { writeEvidence } from '../../src/evidence/write-evidence.ts'
import { type EvidencePlace, evidencePlace, inputOf, RECORDED_AT_MS } from './support/sample.ts'

let place: EvidencePlace
let run: string
beforeEach(async () => {
  place = evidencePlace()
  run = join(place.runsDir, 'run-1')
  await writeEvidence(place.runsDir, place.evidenceOf(inputOf()), place.signer)
  const second = inputOf({ attemptId: 'att-2', attempt: 2, nowMs: RECORDED_AT_MS + 1 })
  await writeEvidence(place.runsDir, place.evidenceOf(second), place.signer)
})
afterEach(() => place.remove())

const verify = (dir = run) => verifyEvidence(dir, place.signer.publicKey)
const told = (dir = run) => verify(dir).problems.map(({ file, problem }) => `${problem}: ${file}`)
const append = (...path: string[]) => writeFileSync(join(run, ...path), ' ', { flag: 'a' })

test('untouched evidence is whole, with the key as an object or as PEM', () => {
  expect(told()).toEqual([])
  const pem = place.signer.publicKey.export({ type: 'spki', format: 'pem' })
  expect(verifyEvidence(run, pem.toString()).ok).toBe(true)
})

describe('every file that was touched is named', () => {
  test.each<[string, () => void, string[]]>([
    [
      'a middle file altered',
      () => append('att-1', 'execution_record.json'),
      ['altered: att-1/execution_record.json'],
    ],
    [
      'two altered',
      () => {
        append('att-1', 'diff.patch')
        append('att-2', 'checks.json')
      },
      ['altered: att-1/diff.patch', 'altered: att-2/checks.json'],
    ],
    [
      'one missing',
      () => rmSync(join(run, 'att-1', 'agent_events.ndjson')),
      ['missing: att-1/agent_events.ndjson'],
    ],
    ['one too many', () => writeFileSync(join(run, 'att-2', 'notes.txt'), ''), ['extra: att-2/notes.txt']],
    [
      'a hidden one too many',
      () => writeFileSync(join(run, 'att-2', '.hidden'), ''),
      ['extra: att-2/.hidden'],
    ],
    [
      'a link to the very same content',
      () => {
        const file = join(run, 'att-1', 'diff.patch')
        renameSync(file, join(place.runsDir, 'elsewhere'))
        symlinkSync(join(place.runsDir, 'elsewhere'), file)
      },
      ['missing: att-1/diff.patch'],
    ],
    ['the summary of the run', () => append('summary.json'), ['altered: summary.json']],
    [
      'a whole attempt missing',
      () => rmSync(join(run, 'att-1'), { recursive: true }),
      ['missing: att-1/attestation.json'],
    ],
    [
      'an attempt that never was',
      () => cpSync(join(run, 'att-2'), join(run, 'att-3'), { recursive: true }),
      ['extra: att-3'],
    ],
    [
      'one attempt in the place of another',
      () => {
        rmSync(join(run, 'att-1'), { recursive: true })
        cpSync(join(run, 'att-2'), join(run, 'att-1'), { recursive: true })
      },
      ['altered: att-1/attestation.json'],
    ],
    [
      "the run's attestation missing",
      () => rmSync(join(run, 'attestation.json')),
      ['missing: attestation.json'],
    ],
  ])('%s', (_name, touch, expected) => {
    touch()
    expect(told()).toEqual(expected)
    expect(verify().ok).toBe(false)
  })

  test('an attempt alone is verified without its run', () => {
    append('att-1', 'policy.json')
    expect(told(join(run, 'att-1'))).toEqual(['altered: policy.json'])
    expect(told(join(run, 'att-2'))).toEqual([])
  })
})

describe('an attestation that does not hold', () => {
  test('by another key', () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    expect(verifyEvidence(run, publicKey)).toMatchObject({
      ok: false,
      statement: null,
      problems: [{ problem: 'unattested' }],
    })
  })

  test.each([
    ['no JSON', 'nonsense'],
    ['no envelope', '{}'],
    ['no signature', '{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[]}'],
  ])('%s is said, not thrown', (_name, text) => {
    writeFileSync(join(run, 'att-1', 'attestation.json'), text)
    expect(told(join(run, 'att-1'))).toEqual(['unattested: attestation.json'])
  })

  test('any bit of payload or signature flipped', () => {
    const file = join(run, 'att-1', 'attestation.json')
    const envelope = JSON.parse(readFileSync(file, 'utf8'))
    const flip = (base64: string, bit: number) => {
      const bytes = Buffer.from(base64, 'base64')
      const index = Math.floor(bit / 8) % bytes.length
      bytes.writeUInt8((bytes[index] ?? 0) ^ (1 << (bit % 8)), index)
      return bytes.toString('base64')
    }
    fc.assert(
      fc.property(fc.nat(), fc.boolean(), (bit, inPayload) => {
        const { payload, signatures } = envelope
        const [{ keyid, sig }] = signatures
        const bent = inPayload
          ? { ...envelope, payload: flip(payload, bit) }
          : { ...envelope, signatures: [{ keyid, sig: flip(sig, bit) }] }
        writeFileSync(file, JSON.stringify(bent))
        return verify(join(run, 'att-1')).problems[0]?.problem === 'unattested'
      }),
    )
  })

  test('a good signature over another payload type does not count', () => {
    const file = join(run, 'att-1', 'attestation.json')
    const { payload } = JSON.parse(readFileSync(file, 'utf8'))
    const signed = preAuthEncoding('text/plain', Buffer.from(payload, 'base64'))
    const sig = Buffer.from(place.signer.sign(signed)).toString('base64')
    writeFileSync(
      file,
      JSON.stringify({ payloadType: 'text/plain', payload, signatures: [{ keyid: '', sig }] }),
    )
    expect(told(join(run, 'att-1'))).toEqual(['unattested: attestation.json'])
  })
})

test('one changed byte in any one file is found and named', () => {
  const files = readdirSync(join(run, 'att-1')).filter((name) => name !== 'attestation.json')
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.nat(), fc.integer({ min: 1, max: 255 }), (name, at, change) => {
      const path = join(run, 'att-1', name)
      const whole = readFileSync(path)
      const bent = Buffer.from(whole)
      const index = at % bent.length
      bent.writeUInt8((bent[index] ?? 0) ^ change, index)
      writeFileSync(path, bent)
      const found = told(join(run, 'att-1'))
      writeFileSync(path, whole)
      return found.length === 1 && found[0] === `altered: ${name}`
    }),
  )
})
