import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseStat } from '../../src/platform/linux-processes.ts'
import { parsePsLine } from '../../src/platform/macos-processes.ts'
import { identityOf, proveIdentity, selfIdentity } from '../../src/platform/process-identity.ts'
import { processTable } from '../../src/platform/process-table.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { startRegistered, startShell } from './start-registered.ts'

const identityOfChild = (parent: number) => {
  const child = processTable.list().find((entry) => entry.ppid === parent)
  return child === undefined ? null : identityOf(child.pid)
}

const scanName = (pid: number): string => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()

describe('parseStat', () => {
  const rest = '77 70 69 34816 77 4194560 1 0 0 0 0 0 0 0 20 0 1 0 12345 2400 100 18446744073709551615'
  test.each([
    [
      'plain',
      `70 (sleep) S ${rest}`,
      { pid: 70, state: 'S', ppid: 77, pgrp: 70, session: 69, startTicks: 12345 },
    ],
    [
      'spaces and parentheses in the name',
      `70 (a) R 1 (b c)) T ${rest}`,
      { pid: 70, state: 'T', startTicks: 12345 },
    ],
    ['line break in the name', `70 (a\nb) Z ${rest}`, { pid: 70, state: 'Z' }],
  ])('reads a line: %s', (_name, line, expected) => {
    expect(parseStat(line)).toMatchObject(expected)
  })

  test.each(['', '70', '70 (sleep', '70 (sleep)', '70 (sleep) S 1 2 3', `x (sleep) S ${rest}`])(
    'refuses %j',
    (line) => {
      expect(parseStat(line)).toBeNull()
    },
  )
})

describe('parsePsLine', () => {
  test('reads what ps prints on macOS', () => {
    expect(parsePsLine('  501     1   500 Ss   Thu Nov 20 10:20:30 2025    ')).toEqual({
      pid: 501,
      ppid: 1,
      pgrp: 500,
      session: null,
      state: 'S',
      startTicks: Date.UTC(2025, 10, 20, 10, 20, 30) / 1000,
    })
  })

  test.each(['', '501 1 500 Ss yesterday', 'PID PPID PGID STAT STARTED'])('refuses %j', (line) => {
    expect(parsePsLine(line)).toBeNull()
  })
})

describe('proveIdentity', () => {
  test('we ourselves are alive', () => {
    expect(proveIdentity(selfIdentity())).toMatchObject({ proof: 'alive' })
  })

  test('supervision row 15: the same pid with another start time is another process', () => {
    const self = selfIdentity()
    expect(proveIdentity({ ...self, startTicks: self.startTicks + 1 })).toEqual({ proof: 'gone' })
  })

  test('supervision row 15: the same pid and start time in another boot is another process', () => {
    expect(proveIdentity({ ...selfIdentity(), bootId: 'another' })).toEqual({ proof: 'gone' })
  })

  test('a pid that does not exist is gone', () => {
    expect(identityOf(2 ** 22 + 1)).toBeNull()
    expect(proveIdentity({ ...selfIdentity(), pid: 2 ** 22 + 1 })).toEqual({ proof: 'gone' })
  })

  test('a stopped process is halted, not alive', async () => {
    const child = await startRegistered(makeTempDir(), ['sleep', '60'])
    process.kill(child.identity.pid, 'SIGSTOP')
    await until(() => proveIdentity(child.identity).proof === 'halted')
    expect(proveIdentity(child.identity)).toEqual({ proof: 'halted', state: 'T' })
    process.kill(child.identity.pid, 'SIGCONT')
    await until(() => proveIdentity(child.identity).proof === 'alive')
  })

  test('a zombie is halted, not alive', async () => {
    const dir = makeTempDir()
    // The shell becomes a program that never collects its child.
    const parent = await startShell(dir, 'true & exec sleep 60')
    const zombie = await until(() => identityOfChild(parent.identity.pid))
    await until(() => proveIdentity(zombie).proof === 'halted')
    expect(proveIdentity(zombie)).toEqual({ proof: 'halted', state: 'Z' })
  })

  test('a program whose name imitates a line of proc is read correctly', async () => {
    const dir = makeTempDir()
    const program = join(dir, 'x) Z 1 (y')
    copyFileSync('/bin/sleep', program)
    const child = await startRegistered(dir, [program, '60'])
    await until(() => scanName(child.identity.pid) === 'x) Z 1 (y')
    expect(identityOf(child.identity.pid)).toEqual(child.identity)
    expect(proveIdentity(child.identity).proof).toBe('alive')
  })
})
