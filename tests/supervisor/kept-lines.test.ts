import { readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keptLines } from '../../supervisor/kept-lines.ts'
import { makeTempDir } from '../support/temp-dir.ts'

test('lines that the disk refuses are kept in order, and written with the next one that it takes', () => {
  const path = join(makeTempDir('kept'), 'log.ndjson')
  const lines = keptLines(path)
  // The device of a disk without room.
  symlinkSync('/dev/full', path)
  lines.append('1')
  lines.append('2')
  lines.retry()
  expect(lines.refusal()).toContain('ENOSPC')
  rmSync(path)
  lines.append('3')
  expect(readFileSync(path, 'utf8')).toBe('1\n2\n3\n')
  expect(lines.refusal()).toBeNull()
})
