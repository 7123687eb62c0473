import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { writeJsonAtomic } from '../../src/platform/atomic-file.ts'
import { watchPaths } from '../../src/platform/watch.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((watcher) => watcher.close()))
})

const watching = async (paths: string[]) => {
  const seen: string[] = []
  const watcher = watchPaths(paths, (path) => seen.push(path))
  open.push(watcher)
  await watcher.ready
  return seen
}

describe('watchPaths', () => {
  test('tells of files that appear, are replaced and go, not of those that were there', async () => {
    const dir = makeTempDir()
    writeFileSync(join(dir, 'old'), '')
    const seen = await watching([dir])
    const path = join(dir, 'bell')
    writeFileSync(path, '1')
    await until(() => seen.includes(path))
    seen.length = 0
    writeJsonAtomic(path, { n: 2 })
    await until(() => seen.includes(path))
    seen.length = 0
    rmSync(path)
    await until(() => seen.includes(path))
    expect(seen).not.toContain(join(dir, 'old'))
  })

  test('a single file may come later than its watch', async () => {
    const path = join(makeTempDir(), 'later.json')
    const seen = await watching([path])
    writeFileSync(path, '{}')
    await until(() => seen.includes(path))
  })

  test('closed before it was ready, it is over all the same', async () => {
    const dir = makeTempDir()
    mkdirSync(join(dir, 'x'))
    const watcher = watchPaths([dir], () => {})
    await watcher.close()
    await watcher.ready
  })
})
