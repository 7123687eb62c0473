import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { newId, randomHex } from '../../src/platform/random.ts'
import { forgetNameless, forgetRegistration, readRegistrations } from '../../src/platform/registrations.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { startRegistered } from './start-registered.ts'

const rest = '1 70 70 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 12345 2400 100'

const writeRegistration = (dir: string, identity: string | null) => {
  const incarnation = newId('inc')
  const folder = join(dir, incarnation)
  mkdirSync(folder, { recursive: true })
  const intent = {
    v: 1,
    incarnation,
    role: 'lane',
    subject: 'goal',
    owner: newId('inc'),
    mark: randomHex(16),
    argv: ['x'],
    at: systemClock.now(),
  }
  writeFileSync(join(folder, 'intent.json'), JSON.stringify(intent))
  if (identity !== null) writeFileSync(join(folder, 'identity'), identity)
  return intent
}

describe('readRegistrations', () => {
  test('no folder, no registrations', () => {
    expect(readRegistrations(join(makeTempDir(), 'absent'))).toEqual([])
  })

  test.each([
    ['nothing written', null, null],
    ['an empty file', '', null],
    ['half a line', `70 (sh) S 1 70`, null],
    ['a line without its end', `70 (sh) S ${rest}`, null],
    ['rubbish', 'hello\n', null],
    ['a whole line', `70 (sh) S ${rest}\n`, { pid: 70, startTicks: 12345 }],
    ['the bare pid of a process without our mark', `${process.pid}\n`, null],
  ])('identity from %s', (_name, written, expected) => {
    const dir = makeTempDir()
    const intent = writeRegistration(dir, written)
    const [found] = readRegistrations(dir)
    expect(found?.intent).toEqual(intent)
    expect(found?.identity).toEqual(expected === null ? null : { ...expected, bootId: intent.at.bootId })
  })

  test('a bare pid (no /proc) is believed when the process carries the mark', async () => {
    const dir = makeTempDir()
    const child = await startRegistered(dir, ['sleep', '60'])
    writeFileSync(join(child.dir, 'identity'), `${child.identity.pid}\n`)
    expect(readRegistrations(join(dir, 'registrations'))[0]?.identity).toEqual(child.identity)
  })

  test('a folder without an intent is left out, one with a broken intent is named', () => {
    const dir = makeTempDir()
    mkdirSync(join(dir, 'inc-a'))
    expect(readRegistrations(dir)).toEqual([])
    writeFileSync(join(dir, 'inc-a', 'intent.json'), '{"v":1}')
    expect(() => readRegistrations(dir)).toThrow(/inc-a\/intent\.json: .*incarnation: .*remove/s)
  })
})

test('forgetRegistration removes it, and again without complaint', async () => {
  const dir = makeTempDir()
  const child = await startRegistered(dir, ['true'])
  await child.exited
  forgetRegistration(child)
  expect(existsSync(child.dir)).toBe(false)
  forgetRegistration(child)
})

test('forgetNameless removes folders that name no process, and only those', () => {
  const dir = makeTempDir()
  expect(() => forgetNameless(join(dir, 'absent'))).not.toThrow()
  const { incarnation } = writeRegistration(dir, null)
  mkdirSync(join(dir, 'inc-nameless'))
  writeFileSync(join(dir, 'inc-nameless', 'stdin'), '')
  forgetNameless(dir)
  expect(readdirSync(dir)).toEqual([incarnation])
})
