import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { manifestJsonSchema } from '../../src/manifest/json-schema.ts'
import { keyRows } from '../../src/manifest/key-table.ts'
import { compiled, publicKey, testContext } from './compile-text.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(ROOT, 'docs/manifest.md'), 'utf8')

describe('what is generated from the schema', () => {
  test('is up to date', () => {
    const run = () =>
      execFileSync(process.execPath, [join(ROOT, 'src/cli/docs/write-manifest-schema.ts'), '--check'], {
        encoding: 'utf8',
        stdio: 'pipe',
      })
    expect(run).not.toThrow()
  })

  test('every key says what it changes', () => {
    const silent = keyRows(manifestJsonSchema(['command', 'recorded'])).filter(({ about }) => about === '')
    expect(silent.map(({ key }) => key)).toEqual([])
  })

  test('unknown keys are refused by the JSON Schema too', () => {
    const schema = manifestJsonSchema(['command', 'recorded'])
    expect(schema.additionalProperties).toBe(false)
    expect(schema.required).toEqual(['version', 'name'])
  })

  test('the manifest the page begins with is a good one', () => {
    const [, example] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
    const context = testContext({ '/home/ada/.ssh/id_ed25519.pub': publicKey(1) })
    expect(compiled(parse(example ?? ''), context).lanes.goal).toMatchObject({
      agent: 'coder',
      concurrency: 2,
    })
  })
})
