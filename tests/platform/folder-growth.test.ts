import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderGrowth } from '../../src/platform/folder-growth.ts'
import { makeTempDir } from '../support/temp-dir.ts'

const MIB = 1024 * 1024

const folders = (): string[] => {
  const dir = makeTempDir('growth')
  const made = ['workspace', 'home'].map((name) => join(dir, name))
  for (const folder of made) mkdirSync(folder)
  return made
}
const fill = (folder: string, count: number): void => {
  for (let at = 0; at < count; at += 1) writeFileSync(join(folder, `file-${at}`), '')
}

test('what is added anywhere below counts, what was there and what a link leads to does not', () => {
  const [workspace = '', home = ''] = folders()
  writeFileSync(join(workspace, 'old'), Buffer.alloc(3 * MIB, 1))
  const grown = folderGrowth([workspace])
  expect(grown()).toBe(0)
  mkdirSync(join(workspace, 'deep/er'), { recursive: true })
  writeFileSync(join(workspace, 'deep/er/new'), Buffer.alloc(2 * MIB, 1))
  writeFileSync(join(home, 'big'), Buffer.alloc(5 * MIB, 1))
  symlinkSync(home, join(workspace, 'link'))
  expect(grown()).toBeGreaterThanOrEqual(2 * MIB)
  expect(grown()).toBeLessThan(3 * MIB)
  rmSync(join(workspace, 'deep'), { recursive: true })
  expect(grown()).toBeLessThan(MIB)
})

test('more entries than are looked at is more than any limit (regression: what came after them counted nothing)', () => {
  const [workspace = '', home = ''] = folders()
  fill(workspace, 30)
  const grown = folderGrowth([workspace, home], 20)
  fill(home, 20)
  expect(grown()).toBe(0)
  writeFileSync(join(home, 'one more'), '')
  expect(grown()).toBe(Number.POSITIVE_INFINITY)
})

test('names that are no UTF-8 hide nothing', () => {
  const [workspace = ''] = folders()
  const grown = folderGrowth([workspace])
  const folder = Buffer.from(`${workspace}/\xff`, 'latin1')
  mkdirSync(folder)
  writeFileSync(Buffer.concat([folder, Buffer.from('/\xfe', 'latin1')]), Buffer.alloc(2 * MIB, 1))
  expect(grown()).toBeGreaterThanOrEqual(2 * MIB)
})
