import { appendFileSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { followLines } from '../../../supervisor/keeper/follow-lines.ts'
import { makeTempDir } from '../../support/temp-dir.ts'

const followed = () => {
  const file = join(makeTempDir('follow'), 'out')
  writeFileSync(file, '')
  const lines: string[] = []
  const read = followLines(
    openSync(file, 'r'),
    (line) => lines.push(line),
    () => lines.push('(dropped)'),
  )
  return { file, lines, read }
}

test('property: however a stream is cut into writes, every whole line comes once and in order', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replace(/\n/g, ''))
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 20 }),
      fc.array(fc.nat(200), { maxLength: 10 }),
      (wanted, cuts) => {
        const { file, lines, read } = followed()
        const bytes = Buffer.from(`${wanted.join('\n')}${wanted.length > 0 ? '\n' : ''}half`)
        let from = 0
        for (const to of [...cuts.sort((a, b) => a - b), bytes.length]) {
          appendFileSync(file, bytes.subarray(from, to))
          from = Math.max(from, Math.min(to, bytes.length))
          read()
        }
        expect(lines).toEqual(wanted)
      },
    ),
    { numRuns: 50 },
  )
})

test('a line over 4 MiB is left out and told of, the next one is not', () => {
  const { file, lines, read } = followed()
  appendFileSync(file, `first\n${'x'.repeat(5 * 1024 * 1024)}`)
  read()
  appendFileSync(file, `${'y'.repeat(100)}\nlast\n`)
  read()
  expect(lines).toEqual(['first', '(dropped)', 'last'])
})

test('who writes faster than it is read leaves some of it for the next look', () => {
  const { file, lines, read } = followed()
  const line = `${'x'.repeat(1023)}\n`
  appendFileSync(file, line.repeat(20_000))
  expect([read(), read(), read()]).toEqual([false, false, true])
  expect(lines.length).toBe(20_000)
})
