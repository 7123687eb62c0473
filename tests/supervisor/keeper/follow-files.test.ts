import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MeterFile } from '../../../src/contracts/meter.ts'
import { findFiles } from '../../../supervisor/keeper/find-files.ts'
import { followFiles } from '../../../supervisor/keeper/follow-files.ts'
import { makeTempDir } from '../../support/temp-dir.ts'

const LOGS = MeterFile.parse({
  folder: '.tool/logs',
  prefix: 'log-',
  suffix: '.jsonl',
  when: {},
  usage: { input: [], output: [] },
  answer: [],
})

/** A HOME with files in it already, and what is read of it since. */
const followed = (before: Readonly<Record<string, string>> = {}) => {
  const home = makeTempDir('home')
  const at = (path: string) => join(home, '.tool/logs', path)
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(at(path)), { recursive: true })
    appendFileSync(at(path), text)
  }
  for (const [path, text] of Object.entries(before)) write(path, text)
  const lines: string[] = []
  const old: string[] = []
  const follow = followFiles(home, [LOGS], (_of, line) => old.push(line))
  const read = (): boolean => follow((_of, line) => lines.push(line))
  return { home, at, write, old, lines, read }
}

describe('what an agent writes', () => {
  test('is read line by line as it comes, from every file of that name, however deep', () => {
    const { write, lines, read } = followed()
    read()
    write('log-1.jsonl', 'one\ntw')
    write('2026/11/29/log-2.jsonl', 'helper\n')
    write('other.jsonl', 'not this\n')
    write('log-1.txt', 'nor this\n')
    read()
    expect(lines.splice(0).sort()).toEqual(['helper', 'one'])
    write('log-1.jsonl', 'o\nthree\n')
    expect(read()).toBe(true)
    expect(lines).toEqual(['two', 'three'])
  })

  test('before its start belongs to an earlier run', () => {
    const { write, old, lines, read } = followed({ 'log-1.jsonl': 'old\n', 'log-2.jsonl': 'older\n' })
    expect(old.sort()).toEqual(['old', 'older'])
    read()
    write('log-1.jsonl', 'new\n')
    read()
    expect(lines).toEqual(['new'])
  })

  test('is found among any number of files of earlier runs', () => {
    const old = Object.fromEntries(Array.from({ length: 60 }, (_, run) => [`log-${run}.jsonl`, 'old\n']))
    const { write, lines, read } = followed(old)
    read()
    write('log-31.jsonl', 'gone on with\n')
    write('log-new.jsonl', 'new\n')
    read()
    expect(lines.sort()).toEqual(['gone on with', 'new'])
  })

  test('is not torn inside a character', () => {
    const { at, write, lines, read } = followed()
    const bytes = Buffer.from('für\n')
    write('log-1.jsonl', '')
    for (const byte of bytes) {
      appendFileSync(at('log-1.jsonl'), Buffer.from([byte]))
      read()
    }
    expect(lines).toEqual(['für'])
  })
})

describe('files that change under us', () => {
  test('one that is replaced begins anew', () => {
    const { at, write, lines, read } = followed({ 'log-1.jsonl': 'old and long\n' })
    write('next', 'all\nof it\n')
    renameSync(at('next'), at('log-1.jsonl'))
    read()
    expect(lines).toEqual(['all', 'of it'])
  })

  test('one that is cut short begins anew', () => {
    const { at, write, lines, read } = followed({ 'log-1.jsonl': 'old and long\n' })
    truncateSync(at('log-1.jsonl'))
    write('log-1.jsonl', 'new\n')
    read()
    expect(lines).toEqual(['new'])
  })

  test('one that vanishes is forgotten, and read from its beginning when it comes back', () => {
    const { at, write, lines, read } = followed()
    write('log-1.jsonl', 'one\n')
    read()
    rmSync(at('log-1.jsonl'))
    read()
    write('log-1.jsonl', 'one\ntwo\n')
    read()
    expect(lines).toEqual(['one', 'one', 'two'])
  })

  test('a folder that becomes a file, and a file that becomes a folder, say nothing', () => {
    const { at, write, lines, read } = followed({ 'log-1.jsonl': 'old\n', 'deep/log-2.jsonl': 'old\n' })
    rmSync(at('deep'), { recursive: true })
    write('deep', 'x\n')
    rmSync(at('log-1.jsonl'))
    mkdirSync(at('log-1.jsonl'))
    expect(read()).toBe(true)
    expect(lines).toEqual([])
  })
})

describe('a HOME that leads elsewhere or nowhere', () => {
  test.each(['.tool', '.tool/logs'])('%s as a link is not followed', (link) => {
    const { home, lines, read } = followed()
    const elsewhere = makeTempDir('elsewhere')
    mkdirSync(join(elsewhere, 'logs'))
    for (const folder of ['', 'logs']) writeFileSync(join(elsewhere, folder, 'log-1.jsonl'), 'theirs\n')
    mkdirSync(dirname(join(home, link)), { recursive: true })
    symlinkSync(elsewhere, join(home, link))
    expect(read()).toBe(true)
    expect(lines).toEqual([])
  })

  test('a folder that becomes a link while it is followed is left', () => {
    const { home, at, write, lines, read } = followed({ 'log-1.jsonl': 'old\n' })
    renameSync(join(home, '.tool'), join(home, 'moved'))
    symlinkSync(join(home, 'moved'), join(home, '.tool'))
    write('log-1.jsonl', 'new\n')
    expect(read()).toBe(true)
    expect(at('')).toContain('.tool')
    expect(lines).toEqual([])
  })

  test('links to files, pipes that nobody writes and devices are passed over', { timeout: 10_000 }, () => {
    const { home, at, write, lines, read } = followed()
    writeFileSync(join(home, 'secret'), 'theirs\n')
    write('log-1.jsonl', 'mine\n')
    symlinkSync(join(home, 'secret'), at('log-2.jsonl'))
    symlinkSync('/dev/zero', at('log-3.jsonl'))
    execFileSync('mkfifo', [at('log-4.jsonl')])
    read()
    expect(lines).toEqual(['mine'])
  })

  test('a file that becomes a pipe holds up nobody', { timeout: 10_000 }, () => {
    const { at, lines, read } = followed({ 'log-1.jsonl': 'old\n' })
    rmSync(at('log-1.jsonl'))
    execFileSync('mkfifo', [at('log-1.jsonl')])
    expect(read()).toBe(true)
    expect(lines).toEqual([])
  })

  test('nothing there at all says nothing', () => expect(followed().read()).toBe(true))
})

describe('more than can be looked at', () => {
  test('a line that never ends is given up, and the next one read', () => {
    const { write, lines, read } = followed()
    write('log-1.jsonl', `first\n${'x'.repeat(3 * 1024 * 1024)}`)
    read()
    write('log-1.jsonl', 'x\nlast\n')
    read()
    expect(lines).toEqual(['first', 'last'])
  })

  test('a file with terabytes of nothing takes a bounded part of each look', () => {
    const { at, write, lines, read } = followed()
    write('log-1.jsonl', '')
    truncateSync(at('log-1.jsonl'), 2 ** 42)
    write('log-2.jsonl', 'still read\n')
    expect([read(), read()]).toEqual([false, false])
    expect(lines).toEqual(['still read'])
  })

  test('of what stood there before a bounded part is looked at', () => {
    const home = makeTempDir('home')
    mkdirSync(join(home, '.tool/logs'), { recursive: true })
    for (const name of ['log-1.jsonl', 'log-2.jsonl']) {
      writeFileSync(join(home, '.tool/logs', name), 'first\n')
      truncateSync(join(home, '.tool/logs', name), 2 ** 42)
    }
    const old: string[] = []
    followFiles(home, [LOGS], (_of, line) => old.push(line))
    expect(old).toEqual(['first'])
  })

  test('of any number of files and folders a bounded part is looked at', () => {
    const { home, at } = followed()
    for (let folder = 0; folder < 3; folder += 1) {
      mkdirSync(at(`${folder}`), { recursive: true })
      for (let file = 0; file < 400; file += 1) writeFileSync(at(`${folder}/log-${file}.jsonl`), 'x\n')
    }
    const found = findFiles(home, LOGS).length
    expect(found).toBeGreaterThan(400)
    expect(found).toBeLessThanOrEqual(500)
  })

  test('folders below one another end somewhere', () => {
    const { at, write, lines, read } = followed()
    write(`${'d/'.repeat(50)}log-1.jsonl`, 'too deep\n')
    write('d/log-1.jsonl', 'deep\n')
    read()
    expect(lines).toEqual(['deep'])
    expect(at('d')).not.toBe('')
  })

  test('whoever makes more files cannot hide the one that is followed', () => {
    const { write, lines, read } = followed()
    write('log-mine.jsonl', 'mine\n')
    read()
    for (let file = 0; file < 100; file += 1) write(`log-${file}.jsonl`, '')
    read()
    write('log-mine.jsonl', 'mine too\n')
    read()
    expect(lines).toEqual(['mine', 'mine too'])
  })
})
