import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashEvidenceFiles } from '../../src/gates/hash-evidence-files.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'oc-supervise-evidence-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('hashes are those of sha256sum, in the order given', () => {
  const paths = ['b', 'a'].map((name) => join(dir, name))
  for (const path of paths) writeFileSync(path, `content of ${path}`)
  const theirs = execFileSync('sha256sum', paths, { encoding: 'utf8' })
  const hashes = theirs
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0])
  expect(hashEvidenceFiles(paths)).toEqual({ ok: true, hashes })
})

test('every path that cannot be read is named', () => {
  expect(hashEvidenceFiles([join(dir, 'absent'), dir])).toEqual({
    ok: false,
    problems: [expect.stringMatching(/absent" cannot be read \(ENOENT\)/), expect.stringMatching(/EISDIR/)],
  })
})
