import { join } from 'node:path'
import { expect, test } from 'vitest'
import { appendLine } from '../../src/platform/append-line.ts'
import { syncBehind } from '../../src/platform/sync-behind.ts'
import { makeTempDir } from '../support/temp-dir.ts'

test('many calls are one flush after another, and done waits for the last', async () => {
  const path = join(makeTempDir(), 'log.ndjson')
  const disk = syncBehind(path)
  await disk.done()
  for (let n = 0; n < 50; n += 1) {
    appendLine(path, String(n))
    disk.soon()
  }
  const done = disk.done()
  disk.soon()
  await done
  await disk.done()
})

test('a file that cannot be flushed is not an error of whoever appends', async () => {
  const disk = syncBehind(join(makeTempDir(), 'none'))
  disk.soon()
  await expect(disk.done()).resolves.toBeUndefined()
})
