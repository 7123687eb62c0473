import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolders } from '../../src/platform/make-folders.ts'
import { makeTempDir } from '../support/temp-dir.ts'

test('makes what is missing, with its mode, and leaves what is there', () => {
  const dir = makeTempDir('folders')
  mkdirSync(join(dir, 'a'), { mode: 0o755 })
  makeFolders(join(dir, 'a/b/c'), 0o700)
  makeFolders(join(dir, 'a/b/c'), 0o755)
  expect(['a', 'a/b', 'a/b/c'].map((path) => statSync(join(dir, path)).mode & 0o777)).toEqual([
    0o755, 0o700, 0o700,
  ])
})

test('fails where a folder cannot be made, and comes back', () => {
  const dir = makeTempDir('folders')
  writeFileSync(join(dir, 'file'), '')
  expect(() => makeFolders(join(dir, 'file/below'))).toThrow(/ENOTDIR|EEXIST/)
  if (existsSync('/proc/self')) expect(() => makeFolders('/proc/x/y')).toThrow('/proc/x')
})
