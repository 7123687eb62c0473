import { describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { GONE, janitor, manifest, runsIn, WRITER } from './support/janitor.ts'
import { statusOf } from './support/live-status.ts'
import { makeSystem } from './support/system.ts'

describe('killed at any point, the next janitor goes on', () => {
  const POINTS = ['evidence_told', 'evidence_anchored', 'archived', 'declared', 'anchored']
  test.each(POINTS)(
    'janitor.%s',
    async (point) => {
      const own = makeSystem(manifest(GONE), {}, { 'writer.sh': WRITER })
      await own.addTask('Write a file', '--repo', 'app')
      expect((await own.run()).code).toBe(0)
      const killed = await own.oc(['janitor'], { env: { OC_SUPERVISE_FAILPOINT: `janitor.${point}=kill` } })
      expect(killed.signal).toBe('SIGKILL')
      expect((await janitor(own)).kept).toEqual([])
      const verified = await own.oc(['verify'])
      expect(verified, verified.stdout).toMatchObject({ code: 0 })
      expect(runsIn(own)).toEqual([])
      expect(await janitor(own)).toMatchObject({ removed: [] })
    },
    60_000,
  )
})

test('while the system runs, what is under way is left alone and goes on', async () => {
  const own = makeSystem(
    manifest(GONE),
    {},
    { 'writer.sh': WRITER.replace('case', 'while [ ! -e "$(dirname "$0")/go" ]; do sleep 0.1; done\ncase') },
  )
  const run = own.start(['run'])
  const id = await own.addTask('Write a file', '--repo', 'app')
  await until(async () => (await statusOf(own)).keepers.length === 1, { timeoutMs: 20_000 })
  expect((await janitor(own)).removed).toEqual([])
  own.write('go', '')
  await own.untilState(id, 'Done')
  await until(async () => (await janitor(own)).removed.some(({ kind }) => kind === 'journal'), {
    timeoutMs: 20_000,
    everyMs: 200,
  })
  expect(await own.oc(['verify'])).toMatchObject({ code: 0 })
  const next = await own.addTask('Write a second file', '--repo', 'app')
  await own.untilState(next, 'Done')
  expect(await own.oc(['stop'])).toMatchObject({ code: 0 })
  expect(await run.ended).toMatchObject({ code: 0, stderr: '' })
  expect(await own.oc(['verify'])).toMatchObject({ code: 0 })
}, 90_000)
