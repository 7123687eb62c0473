import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { boundedCopy } from '../../src/evidence/bounded-copy.ts'
import { createRedactor } from '../../src/evidence/redact.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'oc-supervise-copy-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const copyOf = async (
  content: string | Buffer,
  limitBytes: number,
  secrets: string[] = [],
  asJsonLine = false,
) => {
  const path = join(dir, 'stream')
  writeFileSync(path, content)
  return await boundedCopy(path, { limitBytes, redactor: createRedactor(secrets), asJsonLine })
}

test('what fits is copied byte for byte, text or not', async () => {
  const bytes = Buffer.from([0, 255, 10, 128, 13, 195, 40])
  expect(await copyOf(bytes, 7, ['a-secret'])).toEqual({ bytes, note: null })
})

test('nothing is made of a file that is not there', async () => {
  const redactor = createRedactor([])
  expect(await boundedCopy(join(dir, 'absent'), { limitBytes: 1, redactor, asJsonLine: false })).toBeNull()
})

test('a long stream keeps whole lines of its beginning and end, and a line that says so', async () => {
  const lines = Array.from({ length: 1000 }, (_, n) => `{"n":${n}}\n`)
  const copy = await copyOf(lines.join(''), 1000, [], true)
  const parsed =
    copy?.bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)) ?? []
  expect(parsed[0]).toEqual({ n: 0 })
  expect(parsed.at(-1)).toEqual({ n: 999 })
  const marks = parsed.filter((row) => 'oc-supervise' in row)
  expect(marks).toEqual([
    {
      'oc-supervise': 'middle left out',
      of: lines.join('').length,
      first: expect.any(Number),
      last: expect.any(Number),
    },
  ])
  expect(copy?.note).toMatch(/middle was left out/)
})

test('one endless line is cut too', async () => {
  const copy = await copyOf('x'.repeat(10_000), 100)
  expect(copy?.bytes.length).toBeLessThan(300)
  expect(copy?.bytes.toString()).toMatch(
    /^x{50}\n\[oc-supervise: middle left out; 50 \+ 50 of 10000 bytes are kept\]\nx{50}$/,
  )
})

test('no part of a secret of six characters or more survives, wherever the cuts fall', async () => {
  const secret = 'S3CR3T-abcdefghij'
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.constant(secret), fc.constantFrom('..', '\n', 'é')), { maxLength: 60 }),
      fc.integer({ min: 0, max: 400 }),
      async (parts, limit) => {
        const copy = await copyOf(parts.join(''), limit, [secret])
        const text = copy?.bytes.toString('latin1') ?? ''
        return !/S3CR|3CR3|R3T-|T-ab|abcd|defg|ghij/.test(text)
      },
    ),
  )
})
