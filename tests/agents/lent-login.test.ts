import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lendLogin, takeLoginBack } from '../../src/agents/lent-login.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { makeTempDir } from '../support/temp-dir.ts'

const FILE = '.tool/auth.json'

const lent = () => {
  const dir = makeTempDir('login')
  const ownerHome = join(dir, 'owner')
  const home = join(dir, 'agent')
  for (const folder of [join(ownerHome, '.tool'), home]) mkdirSync(folder, { recursive: true })
  writeFileSync(join(ownerHome, FILE), 'token-1')
  writeFileSync(join(ownerHome, '.tool/history'), 'private')
  const lending = { ownerHome, lockFile: join(dir, 'lock'), clock: systemClock }
  expect(lendLogin(lending, FILE, home)).toBeNull()
  return {
    lending,
    home,
    copy: join(home, FILE),
    theirs: () => readFileSync(join(ownerHome, FILE), 'utf8'),
    renewTheirs: (text: string) => writeFileSync(join(ownerHome, FILE), text),
  }
}

test('only the credential file is lent, for the owner alone to read, and it is taken out again', async () => {
  const { lending, home, copy, theirs } = lent()
  expect(readFileSync(copy, 'utf8')).toBe('token-1')
  expect(statSync(copy).mode & 0o077).toBe(0)
  expect(readdirSync(join(home, '.tool'))).toEqual(['auth.json'])
  await takeLoginBack(lending, FILE, home)
  expect([existsSync(copy), theirs()]).toEqual([false, 'token-1'])
  await takeLoginBack(lending, FILE, home)
})

test('what the program renewed goes back', async () => {
  const { lending, home, copy, theirs } = lent()
  writeFileSync(copy, 'token-2')
  await takeLoginBack(lending, FILE, home)
  expect(theirs()).toBe('token-2')
})

test('but not over a login that the owner renewed meanwhile', async () => {
  const { lending, home, copy, theirs, renewTheirs } = lent()
  writeFileSync(copy, 'token-2')
  renewTheirs('token-3')
  await takeLoginBack(lending, FILE, home)
  expect(theirs()).toBe('token-3')
})

test('a program that removed its login takes nothing from the owner', async () => {
  const { lending, home, theirs } = lent()
  await takeLoginBack(lending, '.tool/other.json', home)
  expect(theirs()).toBe('token-1')
})

test('nothing to lend is said without a word of what is there', () => {
  const { lending, home } = lent()
  expect(lendLogin(lending, '.none', home)).toMatch(/no ~\/\.none; log in/)
  expect(lendLogin(lending, '.tool', home)).toMatch(/not a credential file/)
})
