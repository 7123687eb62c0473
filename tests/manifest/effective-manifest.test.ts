import { expect, test } from 'vitest'
import { effectiveManifest, formatEffective } from '../../src/manifest/effective-manifest.ts'
import { parseManifest } from '../../src/manifest/parse-manifest.ts'

const TEXT = `version: 1
name: a
repos:
  api:
    url: /r
    checks:
      - make
      - name: slow
        run: make slow
agents:
  b: {type: command, command: [x], auth: {env: KEY}}
`

const rows = () => {
  const result = parseManifest(TEXT, 'oc.yaml')
  if (!result.ok) throw new Error('must parse')
  return effectiveManifest(result.parsed, '/var/oc/a')
}

test.each([
  ['name', 'a', { line: 2 }],
  ['state_dir', '/var/oc', 'default'],
  ['repos.api.url', '/r', { line: 5 }],
  ['repos.api.checks[0]', 'make', { line: 7 }],
  ['repos.api.checks[1].run', 'make slow', { line: 9 }],
  ['repos.api.checks[1].timeout', '10m', 'default'],
  ['repos.api.merge', 'manual', 'default'],
  ['agents.b.auth.env', 'KEY', { line: 11 }],
  ['policy.require_approval.risk[0]', 'high', 'default'],
  ['policy.require_approval.task_types', [], 'default'],
  ['policy.max_changed_files', null, 'default'],
])('%s is %j from %j', (key, value, origin) => {
  expect(rows().find((row) => row.key === key)).toEqual({ key, value, origin })
})

test('no key comes twice, and a lane that is off is not there', () => {
  const keys = rows().map(({ key }) => key)
  expect(new Set(keys).size).toBe(keys.length)
  expect(keys.filter((key) => key.startsWith('lanes.'))).toEqual([])
})

test('text: one line a value, its origin as a comment', () => {
  const text = formatEffective(rows())
  expect(text).toMatch(/^name: "a" +# line 2$/m)
  expect(text).toMatch(/^repos\.api\.merge: "manual" +# default$/m)
})
