import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeInside } from '../../src/platform/write-inside.ts'
import { makeTempDir } from '../support/temp-dir.ts'

const folders = () => {
  const dir = makeTempDir('inside')
  const [home, outside] = [join(dir, 'home'), join(dir, 'outside')]
  for (const folder of [home, outside]) mkdirSync(folder)
  writeFileSync(join(outside, 'config'), 'theirs')
  return { home, outside }
}

test('folders on the way are made, what was there is replaced', () => {
  const { home } = folders()
  writeInside(home, '.tool/deep/config', 'one')
  writeInside(home, '.tool/deep/config', 'two')
  expect(readFileSync(join(home, '.tool/deep/config'), 'utf8')).toBe('two')
})

test.each([
  ['a folder that is a link', (home: string, outside: string) => symlinkSync(outside, join(home, '.tool'))],
  [
    'a file that is a link',
    (home: string, outside: string) => {
      mkdirSync(join(home, '.tool'))
      symlinkSync(join(outside, 'config'), join(home, '.tool/config'))
    },
  ],
  [
    'a dangling link',
    (home: string, outside: string) => symlinkSync(join(outside, 'new'), join(home, '.tool')),
  ],
  ['a file in place of a folder', (home: string) => writeFileSync(join(home, '.tool'), '')],
  [
    'a folder in place of the file',
    (home: string) => mkdirSync(join(home, '.tool/config/x'), { recursive: true }),
  ],
])('%s leads nowhere', (_what, plant) => {
  const { home, outside } = folders()
  plant(home, outside)
  writeInside(home, '.tool/config', 'ours')
  expect(readFileSync(join(home, '.tool/config'), 'utf8')).toBe('ours')
  expect(readFileSync(join(outside, 'config'), 'utf8')).toBe('theirs')
  expect(existsSync(join(outside, 'new'))).toBe(false)
})

test('a link under the name that an unfinished file could be guessed to have leads nowhere', () => {
  const { home, outside } = folders()
  // As write-file-atomic chooses them: who sees our process can count them out beforehand.
  const program = createRequire(import.meta.url).resolve('write-file-atomic')
  const guesses = Array.from({ length: 1_000 }, (_, calls) => {
    const hash = createHash('sha1').update(`${program}${process.pid}0${calls}`).digest()
    return `config.${hash.readUInt32BE(0)}`
  })
  guesses.push(`config.${process.pid}.tmp`)
  for (const name of guesses) symlinkSync(join(outside, 'config'), join(home, name))
  writeInside(home, 'config', 'ours')
  expect(readFileSync(join(outside, 'config'), 'utf8')).toBe('theirs')
  expect(readFileSync(join(home, 'config'), 'utf8')).toBe('ours')
  expect(readdirSync(home).sort()).toEqual([...new Set(['config', ...guesses])].sort())
})
