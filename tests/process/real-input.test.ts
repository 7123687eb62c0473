import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeKey, makeSystem } from './support/system.ts'

/** Somebody's project: a clock that is five minutes slow, and its own tests, which node runs. */
const PROJECT = {
  '.gitignore': 'node_modules/\n',
  'package.json': '{"name": "clock", "type": "module", "scripts": {"test": "node --test"}}\n',
  'src/clock.js': 'export const minutes = (hours) => hours * 60 - 5\n',
  'test/clock.test.js': [
    "import assert from 'node:assert/strict'",
    "import { test } from 'node:test'",
    "import { minutes } from '../src/clock.js'",
    "test('an hour has sixty minutes', () => assert.equal(minutes(1), 60))",
    '',
  ].join('\n'),
}

const manifest = (merge: 'auto' | 'manual'): string => `version: 1
name: clock
state_dir: state
sandbox: off
repos:
  clock:
    url: remote.git
    checks: [npm test]
    allowed_paths: ["src/**", "test/**"]
    merge: ${merge}
agents:
  fixer: {type: command, command: [./fixer.sh], timeout: 1m}
lanes:
  goal: {agent: fixer, max_attempts: 1}
  review: {}
gates:
  operators:
    ada: {ssh_key_file: ada.pub}
`

const clockSystem = (merge: 'auto' | 'manual', fixer: string) => {
  const system = makeSystem(manifest(merge), PROJECT, { 'fixer.sh': fixer })
  return { system, key: makeKey(system.dir, 'ada').key }
}

const FIXER = `#!/bin/sh
grep -q 'five minutes' || exit 9
sed -i 's/ - 5//' src/clock.js
`
const GOAL = 'The clock is five minutes slow.'

describe('a repository that is not ours', () => {
  test('merge: auto: added, run until idle, merged, exit 0', async () => {
    expect(manifest('auto').trim().split('\n').length).toBeLessThanOrEqual(25)
    const { system } = clockSystem('auto', FIXER)
    const id = await system.addTask(GOAL)
    expect(await system.task(id)).toMatchObject({ state: 'Ready' })

    const run = await system.run()
    expect(run, run.stderr).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout).toContain('1 done, 0 blocked, 0 waiting for a person; exit 0')
    expect(await system.task(id)).toMatchObject({ state: 'Done' })
    expect(system.show('src/clock.js')).toBe('export const minutes = (hours) => hours * 60')
    expect(system.log()).toEqual(['The clock is five minutes slow.', 'The project', 'first'])
    expect(await system.oc(['verify'])).toMatchObject({ code: 0 })

    const again = await system.run()
    expect(again.code).toBe(0)
    expect(system.log()).toHaveLength(3)
  }, 60_000)

  test('merge: manual: ends in Review with exit 10; an approval merges it on the next run, exit 0', async () => {
    const { system, key } = clockSystem('manual', FIXER)
    const stranger = makeKey(system.dir, 'stranger')
    const id = await system.addTask(GOAL)
    expect(await system.run()).toMatchObject({ code: 10, stderr: '' })
    expect(await system.task(id)).toMatchObject({ state: 'Review', phase: 'human' })
    expect(system.log()).toEqual(['The project', 'first'])

    const { gates } = await system.json<{ gates: { id: string }[] }>(['gate', 'list'])
    expect(gates).toHaveLength(1)
    const gate = gates[0]?.id ?? ''
    const shown = await system.oc(['gate', 'show', gate])
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    for (const words of ['merge: manual', 'ada', '-export const minutes = (hours) => hours * 60 - 5', 'hash'])
      expect(shown.stdout).toContain(words)

    const decide = (by: string, keyFile: string) =>
      system.oc(['gate', 'approve', gate, '--by', by, '--note', 'read it', '--key', keyFile])
    expect(await decide('ada', stranger.key)).toMatchObject({ code: 1, stdout: '' })
    expect(await decide('eve', key)).toMatchObject({ code: 1, stdout: '' })
    const approved = await decide('ada', key)
    expect(approved).toMatchObject({ code: 0, stderr: '' })
    expect(approved.stdout).toContain('the next')
    expect(system.log()).toHaveLength(2)

    expect(await system.run()).toMatchObject({ code: 0, stderr: '' })
    expect(await system.task(id)).toMatchObject({ state: 'Done' })
    expect(system.show('src/clock.js')).toBe('export const minutes = (hours) => hours * 60')
    expect(await decide('ada', key)).toMatchObject({ code: 1 })
    expect(await system.oc(['verify'])).toMatchObject({ code: 0 })
  }, 60_000)

  test('failing checks: Blocked with exit 3, explained, nothing pushed; retry with a mended agent is Done', async () => {
    const { system } = clockSystem('auto', '#!/bin/sh\nsed -i "s/ - 5/ - 4/" src/clock.js\n')
    const id = await system.addTask(GOAL)
    const run = await system.run()
    expect(run, run.stdout).toMatchObject({ code: 3, stderr: '' })
    const blocked = await system.task(id)
    expect(blocked.state).toBe('Blocked')
    expect(blocked.reason).toMatch(/validation_failure|check/)
    const explained = await system.oc(['explain', id])
    expect(explained).toMatchObject({ code: 0, stderr: '' })
    expect(explained.stdout).toContain('validation_failure')
    expect(explained.stdout).toContain('npm test')
    expect(explained.stdout).toContain(`task retry ${id}`)
    expect(system.repo.gitBare('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main')
    const status = await system.json<{ attention: { kind: string; subject: string }[] }>(['status'])
    expect(status.attention).toMatchObject([{ kind: 'blocked_task', subject: id }])

    // Nothing of ours changed since: another run leaves it Blocked, and is not blamed for it.
    expect((await system.run()).code).toBe(0)

    system.write('fixer.sh', FIXER)
    const retried = await system.oc(['task', 'retry', id])
    expect(retried).toMatchObject({ code: 0, stderr: '' })
    const mended = await system.run()
    expect(mended, mended.stdout).toMatchObject({ code: 0, stderr: '' })
    expect(await system.task(id)).toMatchObject({ state: 'Done' })
    expect(system.show('src/clock.js')).toBe('export const minutes = (hours) => hours * 60')
    const { runs } = await system.json<{ runs: { id: string }[] }>(['runs', 'list'])
    expect(runs).toHaveLength(1)
    expect(existsSync(join(system.layout.runDir(runs[0]?.id ?? ''), 'attestation.json'))).toBe(true)
    expect(await system.oc(['verify'])).toMatchObject({ code: 0 })
  }, 60_000)

  test('checks find what setup made, in a clone of their own', async () => {
    const { system } = clockSystem('auto', FIXER)
    const text = manifest('auto').replace(
      'checks: [npm test]',
      'setup: ["mkdir -p node_modules && echo set up >node_modules/dep"]\n    checks: [grep -q up node_modules/dep]',
    )
    system.write('oc-supervise.yaml', text)
    const id = await system.addTask(GOAL)
    const run = await system.run()
    expect(run, run.stdout).toMatchObject({ code: 0, stderr: '' })
    expect(await system.task(id)).toMatchObject({ state: 'Done' })
  }, 60_000)

  test('work that breaks the setup fails as a check', async () => {
    const { system } = clockSystem('auto', `${FIXER}rm package.json\n`)
    const setup = 'setup: [test -f package.json]\n    allowed_paths: ["**"]\n'
    system.write(
      'oc-supervise.yaml',
      manifest('auto').replace('allowed_paths: ["src/**", "test/**"]\n', setup),
    )
    const id = await system.addTask(GOAL)
    expect(await system.run()).toMatchObject({ code: 3 })
    const explained = await system.oc(['explain', id])
    expect(explained.stdout).toContain('checks failed: setup')
  }, 60_000)
})
