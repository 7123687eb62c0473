import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { processesUnder } from './support/processes-under.ts'
import { endWhenDone, oc, straysOf } from './support/product.ts'

const SHIPPED = join(import.meta.dirname, '../../manifests')

/** Every file an attempt leaves; the index of the folder says why one is not there. */
const EVIDENCE = ['result.json', 'execution_record.json', 'checks.json', 'diff.patch', 'attestation.json']

test('the shipped demo: three tasks Done, three merges, evidence of every attempt, within a minute', async () => {
  const dir = makeTempDir('demo')
  cpSync(SHIPPED, join(dir, 'manifests'), { recursive: true })
  const state = join(dir, 'state/demo')
  endWhenDone(state)
  const named = ['--manifest', join(dir, 'manifests/demo.yaml')]
  const json = async <T>(...args: string[]): Promise<T> =>
    JSON.parse((await oc([...args, '--json', '--state-dir', state])).stdout)

  const beganMs = performance.now()
  const run = await oc(['run', '--until-idle', ...named], { cwd: dir })
  expect(run, run.stdout + run.stderr).toMatchObject({ code: 0, stderr: '' })
  expect(performance.now() - beganMs).toBeLessThan(60_000)
  expect(run.stdout).toContain('3 done, 0 blocked, 0 waiting for a person; exit 0')
  expect(run.stdout).toContain('sandbox off')

  const { tasks } = await json<{ tasks: { id: string; state: string; title: string }[] }>('task', 'list')
  expect(tasks.map(({ state }) => state)).toEqual(['Done', 'Done', 'Done'])
  const log = execFileSync('git', ['log', '--format=%s', 'main'], {
    cwd: join(state, 'remote.git'),
    encoding: 'utf8',
  })
  const titles = log.trim().split('\n')
  expect(titles.slice(0, 3).sort()).toEqual(tasks.map(({ title }) => title).sort())
  expect(titles).toHaveLength(4)

  const { runs } = await json<{ runs: { id: string }[] }>('runs', 'list')
  expect(runs).toHaveLength(3)
  const attempts = runs.flatMap(({ id }) =>
    readdirSync(join(state, 'runs', id))
      .filter((name) => name.startsWith('att-'))
      .map((name) => join(state, 'runs', id, name)),
  )
  expect(attempts).toHaveLength(4)
  for (const folder of attempts)
    expect(EVIDENCE.filter((file) => !existsSync(join(folder, file)))).toEqual([])
  const results = attempts.map((folder) => JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')))
  expect(results.map(({ status }) => status).sort()).toEqual([
    'failed',
    'succeeded',
    'succeeded',
    'succeeded',
  ])
  expect(results.every(({ recorded }) => recorded === true)).toBe(true)

  const verified = await oc(['verify', '--state-dir', state])
  expect(verified, verified.stdout).toMatchObject({ code: 0, stderr: '' })
  expect((await oc(['status', '--exit-code', '--state-dir', state])).code).toBe(12)
  expect(await straysOf(state)).toEqual([])
  await until(() => processesUnder(dir).length === 0, { timeoutMs: 2_000, what: 'nothing is left' })
}, 90_000)
