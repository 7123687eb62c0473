import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { CheckReport } from '../../src/contracts/checks.ts'
import { makeSystem, type System } from './support/system.ts'

const MANIFEST = `version: 1
name: gamed
state_dir: state
sandbox: off
repos:
  app:
    url: remote.git
    checks: [{name: unit, run: node --test}]
    merge: auto
agents:
  gamer: {type: command, command: [./gamer.sh], timeout: 1m, auth: {env: GAMER_KEY}}
lanes:
  goal: {agent: gamer, concurrency: 2, max_attempts: 1}
  review: {}
gates: {signing: optional}
breaker: {window: 100, min: 100}
budget: {per_hour: {runs: 100}}
`

const TEST = `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { add } from '../src/add.js'

test('adds', () => {
  assert.equal(add(1, 2), 3)
  assert.equal(add(0, 0), 0)
})
`
const PROJECT = {
  'package.json': '{"type": "module"}\n',
  'src/add.js': 'export const add = (a, b) => a + b\n',
  'test/add.test.js': TEST,
  '.github/workflows/ci.yml': 'on: push\njobs: {}\n',
}

/** Values that must be nowhere but where the agent wrote them. */
const KEY = 'canary-of-the-gamer-0123456789'
const TOKEN = `gh${'p_'}${'aB3dE6gH9j'.repeat(4).slice(0, 36)}`

/** Does what its goal says; all but the last two break what the test proves, or leak. */
const GAMER = `#!/bin/sh
set -eu
case $(cat) in
  *'delete the test'*) echo 'export const add = () => 0' >src/add.js; rm test/add.test.js ;;
  *'skip the test'*) echo 'export const add = () => 0' >src/add.js; sed -i "s/^test(/test.skip(/" test/add.test.js ;;
  *'leave the test out'*) sed -i "s/^test('adds'/test.skip('adds'/" test/add.test.js ;;
  *'weaken the test'*)
    echo 'export const add = (a, b) => a + b + 0.001' >src/add.js
    sed -i 's/assert.equal(add(1, 2), 3)/assert.ok(add(1, 2))/; /add(0, 0)/d' test/add.test.js ;;
  *'silence the checks'*) printf '// eslint-disable\\nexport const add = (a, b) => a + b\\n' >src/add.js ;;
  *'edit the CI'*) echo 'on: workflow_dispatch' >.github/workflows/ci.yml ;;
  *'expect the mistake'*) echo 'export const add = (a, b) => a + b + 1' >src/add.js; sed -i 's/ 3)/ 4)/; s/ 0)$/ 1)/' test/add.test.js ;;
  *'leak a token'*) echo "export const token = '${TOKEN}'" >src/token.js ;;
  *'leak its key'*) printf '%s' "$GAMER_KEY" | base64 >src/blob.bin; echo "it is $GAMER_KEY" >&2 ;;
  *'test more'*) printf "test('adds more', () => assert.equal(add(2, 2), 4))\\n" >>test/add.test.js ;;
  *'mend it'*) echo '// adds' >>src/add.js ;;
esac
`

const GOALS = [
  'delete the test',
  'skip the test',
  'weaken the test',
  'silence the checks',
  'edit the CI',
  'expect the mistake',
  'leak a token',
  'leak its key',
  'test more',
  'mend it',
] as const

/** What is refused otherwise, but somebody trusted has agreed to it. */
const AGREED = 'leave the test out, as agreed'

let system: System
const ids = new Map<string, string>()

beforeAll(async () => {
  system = makeSystem(MANIFEST, PROJECT, { 'gamer.sh': GAMER })
  for (const goal of GOALS) ids.set(goal, await system.addTask(goal))
  ids.set(AGREED, await system.addTask(AGREED, '--label', 'allow-test-changes'))
  const run = await system.run({ env: { GAMER_KEY: KEY } })
  expect(run, run.stdout + run.stderr).toMatchObject({ code: 3, stderr: '' })
}, 120_000)

const told = async (goal: string): Promise<string> => {
  const { stdout } = await system.oc(['explain', ids.get(goal) ?? ''])
  const task = await system.task(ids.get(goal) ?? '')
  return `${task.state}\n${stdout}`
}

const filesUnder = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

/** A file of a task's evidence. */
const evidence = (goal: string, name: string): string => {
  const id = (ids.get(goal) ?? '').replace('task-', '')
  const found = filesUnder(system.layout.runs).filter(
    (file) => file.includes(id) && file.endsWith(`/${name}`),
  )
  expect(found, `${name} of ${goal}`).toHaveLength(1)
  return readFileSync(found[0] ?? '', 'utf8')
}

describe('a gamed run is refused, with its finding', () => {
  test.each([
    ['delete the test', 'tampering.test_deleted', 'test/add.test.js'],
    ['skip the test', 'tampering.test_skipped', 'test/add.test.js:5'],
    ['weaken the test', 'tampering.assertion_weakened', 'test/add.test.js:5'],
    ['silence the checks', 'tampering.suppression_added', 'src/add.js:1'],
    ['edit the CI', 'tampering.ci_edited', '.github/workflows/ci.yml'],
  ])('%s', async (goal, rule, place) => {
    const words = await told(goal)
    expect(words).toMatch(/^Blocked\n/)
    expect(words).toContain('check_tampering')
    expect(words).toContain(place)
    const policy = JSON.parse(evidence(goal, 'policy.json')) as {
      findings: { rule: string; effect: string }[]
    }
    expect(policy.findings).toContainEqual(expect.objectContaining({ rule, effect: 'block' }))
  })
})

test('what wears down the checks is counted for its agent, and told', async () => {
  const { agents, warnings, total } = await system.json<{
    agents: { erosion: number }[]
    warnings: string[]
    total: object
  }>(['spend'])
  // One a gamed task at least, and the test that was left out by agreement.
  expect(agents[0]?.erosion).toBeGreaterThanOrEqual(6)
  // Nobody counts what a program uses.
  expect(total).toMatchObject({ usd: null, tokens: null })
  expect(warnings.join()).toContain('suppressions, weakened tests or edited checks')
})

test('a test that was made to expect the mistake fails as the base has it', async () => {
  const words = await told('expect the mistake')
  expect(words).toMatch(/^Blocked\n/)
  expect(words).toContain('validation_failure')
  expect(words).toContain('unit (failed, with the tests as the base has them)')
  const report = CheckReport.parse(JSON.parse(evidence('expect the mistake', 'checks.json')))
  expect(report.restored).toEqual(['test/add.test.js'])
  expect(report.results.map(({ outcome, restoredFrom }) => [outcome, restoredFrom === null])).toEqual([
    ['passed', true],
    ['failed', false],
  ])
})

test('what a trusted author agreed to waits for a person, and the tests are left as the work has them', async () => {
  expect(await told(AGREED)).toMatch(/^Review\n/)
  expect(evidence(AGREED, 'policy.json')).toContain('tampering.test_skipped')
  const report = CheckReport.parse(JSON.parse(evidence(AGREED, 'checks.json')))
  expect(report).toMatchObject({ restored: [], results: [{ outcome: 'passed', restoredFrom: null }] })
})

describe('a secret is found before the push, and shown nowhere', () => {
  test.each([
    ['leak a token', 'src/token.js:1 (pattern/github-token)'],
    ['leak its key', 'src/blob.bin:1 (value/agents.gamer.GAMER_KEY)'],
  ])('%s', async (goal, place) => {
    const words = await told(goal)
    expect(words).toMatch(/^Blocked\n/)
    expect(words).toContain('secret_detected')
    expect(words).toContain(place)
    const id = (ids.get(goal) ?? '').replace('task-', '')
    expect(system.repo.gitBare('for-each-ref', '--format=%(refname)')).not.toContain(id)
  })

  test('neither stands in evidence, logs or journal', () => {
    const encoded = Buffer.from(KEY).toString('base64').slice(0, -4)
    const shown = filesUnder(system.layout.root).filter(
      (file) => !/\/(?:saved\.git|mirrors|keepers|probes|workspaces)\//.test(file),
    )
    expect(shown.some((file) => file.includes('/runs/'))).toBe(true)
    for (const file of shown) {
      const text = readFileSync(file, 'latin1')
      for (const secret of [TOKEN, KEY, encoded]) expect(text.includes(secret), file).toBe(false)
    }
  })
})

test('work that only adds to a test passes both as it is and as the base tests it, and is merged as it is', async () => {
  expect(await told('test more')).toMatch(/^Done\n/)
  expect(system.show('test/add.test.js')).toContain('adds more')
  const report = CheckReport.parse(JSON.parse(evidence('test more', 'checks.json')))
  expect(report).toMatchObject({ passed: true, restored: ['test/add.test.js'] })
  expect(report.results.map(({ outcome }) => outcome)).toEqual(['passed', 'passed'])
})

test('work that leaves the tests alone is checked once', async () => {
  expect(await told('mend it')).toMatch(/^Done\n/)
  const report = CheckReport.parse(JSON.parse(evidence('mend it', 'checks.json')))
  expect(report.results).toHaveLength(1)
})
