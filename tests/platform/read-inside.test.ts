import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readInside, removeInside } from '../../src/platform/read-inside.ts'
import { makeTempDir } from '../support/temp-dir.ts'

const PATH = '.tool/auth.json'

const folders = () => {
  const dir = makeTempDir('inside')
  const [home, outside] = [join(dir, 'home'), join(dir, 'outside')]
  for (const folder of [join(home, '.tool'), outside]) mkdirSync(folder, { recursive: true })
  writeFileSync(join(outside, 'auth.json'), 'theirs')
  return { home, outside, file: join(home, PATH) }
}

test('a file of its own is read, and removed', () => {
  const { home, file } = folders()
  writeFileSync(file, 'its own')
  expect(readInside(home, PATH, 7)?.toString()).toBe('its own')
  removeInside(home, PATH)
  expect(existsSync(file)).toBe(false)
  expect(readInside(home, PATH, 7)).toBeNull()
  removeInside(home, PATH)
})

test.each([
  ['a link', (file: string, outside: string) => symlinkSync(join(outside, 'auth.json'), file)],
  ['a second name of a file', (file: string, outside: string) => linkSync(join(outside, 'auth.json'), file)],
  [
    'a folder that is a link',
    (file: string, outside: string) => {
      rmSync(join(file, '..'), { recursive: true })
      symlinkSync(outside, join(file, '..'))
    },
  ],
  ['a pipe that nobody writes', (file: string) => execFileSync('mkfifo', [file])],
  ['a folder', (file: string) => mkdirSync(join(file, 'x'), { recursive: true })],
  ['more than was asked for', (file: string) => writeFileSync(file, 'x'.repeat(1025))],
])('%s is not read, and what it leads to stays', (_what, plant) => {
  const { home, outside, file } = folders()
  plant(file, outside)
  expect(readInside(home, PATH, 1024)).toBeNull()
  removeInside(home, PATH)
  expect(readFileSync(join(outside, 'auth.json'), 'utf8')).toBe('theirs')
})

test('a folder that was closed to us keeps nothing', () => {
  const { home, file } = folders()
  writeFileSync(file, 'its own')
  for (const folder of [join(home, '.tool'), home]) chmodSync(folder, 0o000)
  removeInside(home, PATH)
  expect(existsSync(file)).toBe(false)
})
