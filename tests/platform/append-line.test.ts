import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { appendLine } from '../../src/platform/append-line.ts'
import { makeTempDir } from '../support/temp-dir.ts'

describe('appendLine', () => {
  test('adds lines and ends a torn one first', () => {
    const path = join(makeTempDir(), 'log.ndjson')
    appendLine(path, '1')
    appendLine(path, '2')
    expect(readFileSync(path, 'utf8')).toBe('1\n2\n')
    writeFileSync(path, '1\n{"half')
    appendLine(path, '3')
    expect(readFileSync(path, 'utf8')).toBe('1\n{"half\n3\n')
  })

  test('refuses what would become two lines', () => {
    expect(() => appendLine(join(makeTempDir(), 'log'), 'a\nb')).toThrow('line break')
  })
})
