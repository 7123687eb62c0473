import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readJsonFile, writeJsonAtomic, writeTextAtomic } from '../../src/platform/atomic-file.ts'
import { makeTempDir } from '../support/temp-dir.ts'

const Shape = z.object({ name: z.string(), items: z.array(z.object({ n: z.number() })) })

describe('writeJsonAtomic', () => {
  test('replaces the file whole, private unless told otherwise, and leaves nothing beside it', () => {
    const dir = makeTempDir()
    const path = join(dir, 'a.json')
    writeJsonAtomic(path, { name: 'first', items: [] })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    writeJsonAtomic(path, { name: 'second', items: [{ n: 1 }] }, { mode: 0o644, durable: false })
    expect(statSync(path).mode & 0o777).toBe(0o644)
    expect(readJsonFile(path, Shape)).toEqual({ ok: true, value: { name: 'second', items: [{ n: 1 }] } })
    expect(readdirSync(dir)).toEqual(['a.json'])
  })

  test('a failed write leaves the old content', () => {
    const dir = makeTempDir()
    const path = join(dir, 'a.json')
    writeJsonAtomic(path, 1)
    const cyclic: Record<string, unknown> = {}
    cyclic.self = cyclic
    expect(() => writeJsonAtomic(path, cyclic)).toThrow(TypeError)
    expect(() => writeTextAtomic(join(dir, 'no', 'such', 'folder'), 'x')).toThrow('ENOENT')
    expect(readFileSync(path, 'utf8')).toBe('1\n')
    expect(readdirSync(dir)).toEqual(['a.json'])
  })
})

describe('readJsonFile', () => {
  test('a missing file is missing', () => {
    const path = join(makeTempDir(), 'none.json')
    expect(readJsonFile(path, Shape)).toEqual({
      ok: false,
      reason: 'missing',
      message: `${path}: no such file`,
    })
  })

  test.each([
    ['not JSON', '{"name"', /JSON/],
    ['empty', '', /JSON/],
    ['a wrong value deep inside', '{"name":"x","items":[{"n":1},{"n":"2"}]}', /items\.1\.n: /],
    ['another type altogether', '7', /\(top\): /],
  ])('says which file and where: %s', (_name, text, place) => {
    const path = join(makeTempDir(), 'bad.json')
    writeFileSync(path, text)
    const read = readJsonFile(path, Shape)
    expect(read).toMatchObject({ ok: false, reason: 'invalid' })
    expect(read.ok ? '' : read.message).toContain(path)
    expect(read.ok ? '' : read.message).toMatch(place)
  })

  test('what cannot be read is invalid, not missing', () => {
    const path = join(makeTempDir(), 'folder')
    mkdirSync(path)
    chmodSync(path, 0o700)
    expect(readJsonFile(path, Shape)).toMatchObject({ ok: false, reason: 'invalid' })
  })
})
