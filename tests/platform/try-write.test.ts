import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tryWrite } from '../../src/platform/try-write.ts'
import { makeTempDir } from '../support/temp-dir.ts'

test('what a full disk refuses is told and thrown by nobody; anything else is', () => {
  const dir = makeTempDir('try-write')
  expect(tryWrite(() => writeFileSync(join(dir, 'a'), 'a'))).toBeNull()
  // The device of a disk without room.
  expect(tryWrite(() => writeFileSync('/dev/full', 'a'))).toContain('ENOSPC')
  expect(() => tryWrite(() => writeFileSync(join(dir, 'none', 'a'), 'a'))).toThrow('ENOENT')
})
