import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lendLogin, takeLoginBack } from '../../src/agents/lent-login.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { makeTempDir } from '../support/temp-dir.ts'

const FILE = '.tool/auth.json'
const login = (token: number): string => JSON.stringify({ token })

const lent = () => {
  const dir = makeTempDir('login')
  const ownerHome = join(dir, 'owner')
  const home = join(dir, 'agent')
  for (const folder of [join(ownerHome, '.tool'), home]) mkdirSync(folder, { recursive: true })
  writeFileSync(join(ownerHome, FILE), login(1))
  writeFileSync(join(ownerHome, '.tool/history'), 'private')
  const note = join(dir, 'lent-login.json')
  const lending = { ownerHome, lockFile: join(dir, 'lock'), clock: systemClock }
  expect(lendLogin(lending, FILE, home, note)).toBeNull()
  return {
    dir,
    ownerHome,
    lending,
    note,
    home,
    copy: join(home, FILE),
    theirs: () => readFileSync(join(ownerHome, FILE), 'utf8'),
    renewTheirs: (text: string) => writeFileSync(join(ownerHome, FILE), text),
  }
}

test('only the credential file is lent, for the owner alone to read, and it is taken out again', async () => {
  const { lending, note, home, copy, theirs } = lent()
  expect(readFileSync(copy, 'utf8')).toBe(login(1))
  expect(statSync(copy).mode & 0o077).toBe(0)
  expect(readdirSync(join(home, '.tool'))).toEqual(['auth.json'])
  await takeLoginBack(lending, note)
  expect([existsSync(copy), theirs()]).toEqual([false, login(1)])
  await takeLoginBack(lending, note)
})

test('what the program renewed goes back', async () => {
  const { lending, note, copy, theirs } = lent()
  writeFileSync(copy, login(2))
  await takeLoginBack(lending, note)
  expect(theirs()).toBe(login(2))
})

test('but not over a login that the owner renewed meanwhile', async () => {
  const { lending, note, copy, theirs, renewTheirs } = lent()
  writeFileSync(copy, login(2))
  renewTheirs(login(3))
  await takeLoginBack(lending, note)
  expect(theirs()).toBe(login(3))
})

test('a program that removed its login takes nothing from the owner', async () => {
  const { lending, note, copy, theirs } = lent()
  rmSync(copy)
  await takeLoginBack(lending, note)
  expect(theirs()).toBe(login(1))
})

test('nothing to lend is said without a word of what is there', () => {
  const { lending, note, home } = lent()
  expect(lendLogin(lending, '.none', home, note)).toMatch(/no ~\/\.none; log in/)
  expect(lendLogin(lending, '.tool', home, note)).toMatch(/not a credential file/)
})

test.each([
  ['a link to a file of ours', (copy: string, dir: string) => symlinkSync(join(dir, 'key.json'), copy)],
  ['a pipe that nobody writes', (copy: string) => execFileSync('mkfifo', [copy])],
  ['a folder', (copy: string) => mkdirSync(copy)],
  ['nothing', (copy: string) => writeFileSync(copy, '')],
  ['what is no JSON', (copy: string) => writeFileSync(copy, '{"token":')],
  ['more than a login has', (copy: string) => writeFileSync(copy, JSON.stringify('x'.repeat(2 ** 20)))],
])(
  'an agent that left %s in its place changes nothing of the owner’s (regression: it was copied, or waited for)',
  async (_what, plant) => {
    const { dir, lending, note, copy, theirs } = lent()
    writeFileSync(join(dir, 'key.json'), '{"secret":"of ours"}')
    rmSync(copy)
    plant(copy, dir)
    await takeLoginBack(lending, note)
    expect([existsSync(copy), theirs()]).toEqual([false, login(1)])
    expect(readFileSync(join(dir, 'key.json'), 'utf8')).toContain('of ours')
  },
)

test('a folder that leads to the owner’s takes nothing from there (regression: their login was removed)', async () => {
  const { ownerHome, lending, note, home, theirs } = lent()
  rmSync(join(home, '.tool'), { recursive: true })
  symlinkSync(join(ownerHome, '.tool'), join(home, '.tool'))
  await takeLoginBack(lending, note)
  expect(theirs()).toBe(login(1))
})

test('into a HOME that is gone on with it is lent where no link leads out (regression: it was written there)', () => {
  const { dir, lending, note, home, copy } = lent()
  mkdirSync(join(dir, 'elsewhere'))
  rmSync(join(home, '.tool'), { recursive: true })
  symlinkSync(join(dir, 'elsewhere'), join(home, '.tool'))
  expect(lendLogin(lending, FILE, home, note)).toBeNull()
  expect(readdirSync(join(dir, 'elsewhere'))).toEqual([])
  expect(readFileSync(copy, 'utf8')).toBe(login(1))
})
