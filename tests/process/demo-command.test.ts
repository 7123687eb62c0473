import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeTempDir } from '../support/temp-dir.ts'
import { processesUnder } from './support/processes-under.ts'
import { oc } from './support/product.ts'

/** A folder that is the temporary one too, so that whatever a command leaves behind is found. */
const inFolder = () => {
  const dir = makeTempDir('demo-command')
  const left = () => readdirSync(dir).filter((name) => name.startsWith('oc-supervise-'))
  return { dir, left, options: { cwd: dir, env: { TMPDIR: dir } } }
}

test('demo: kills its lane and its supervisor, merges all three tasks all the same, and clears up', async () => {
  const { dir, left, options } = inFolder()
  const ran = await oc(['demo'], options)
  expect(ran, ran.stdout).toMatchObject({ code: 0, stderr: '' })
  const told = [
    /kill -9 of the lane goal/,
    /kill -9 of the supervisor/,
    /started again/,
    /all of it as expected/,
  ]
  const places = told.map((words) => ran.stdout.search(words))
  expect(places).not.toContain(-1)
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect([left(), processesUnder(dir)]).toEqual([[], []])
}, 90_000)

test('demo with a goal and a policy that forbids it: exit 1, nothing merged, the named folder kept', async () => {
  const { dir, options } = inFolder()
  const folder = join(dir, 'here')
  const demo = ['demo', '--workspace-path', folder, '--goal', 'Write "it": # now']
  const ran = await oc([...demo, '--blocked-policy'], options)
  expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('the policy blocked the task') })
  expect(ran.stdout).toContain(`kept: ${folder}`)
  expect(ran.stdout).not.toContain('kill -9')
  const state = join(folder, 'state/demo')
  const [run = ''] = readdirSync(join(state, 'runs'))
  const summary = readFileSync(join(state, 'runs', run, 'summary.json'), 'utf8')
  expect(summary).toContain('scope_policy')
  const log = execFileSync('git', ['log', '--format=%s', 'main'], {
    cwd: join(state, 'remote.git'),
    encoding: 'utf8',
  })
  expect(log.trim().split('\n')).toHaveLength(1)
  expect(await oc(demo, options)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('holds a demo already'),
  })
  expect(processesUnder(dir)).toEqual([])
}, 60_000)

test('chaos: a round with a seed is played, judged and cleared away', async () => {
  const { dir, left, options } = inFolder()
  const ran = await oc(['chaos', '--rounds', '1', '--kills', '1', '--seed', '1'], options)
  expect(ran, ran.stdout).toMatchObject({ code: 0, stderr: '' })
  expect(ran.stdout).toMatch(/^storm of 1 rounds, seed 1\nround 1: killed .*; as it should be\n1 of 1 rounds/)
  expect([left(), processesUnder(dir)]).toEqual([[], []])
}, 90_000)
