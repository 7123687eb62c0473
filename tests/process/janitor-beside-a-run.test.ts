import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { GONE, manifest, WRITER } from './support/janitor.ts'
import { statusOf } from './support/live-status.ts'
import { makeSystem } from './support/system.ts'

test('what was dropped is not collected under a run that began while the janitor worked', async () => {
  const waits = 'while [ -e "$(dirname "$0")/hold" ]; do sleep 0.1; done\ncase'
  const own = makeSystem(manifest(GONE), {}, { 'writer.sh': WRITER.replace('case', waits) })
  await own.addTask('Write a file', '--repo', 'app')
  expect((await own.run()).code).toBe(0)
  const uncollected = join(own.layout.saved, 'oc-supervise/uncollected')
  const stopped = own.start(['janitor'], { env: { OC_SUPERVISE_FAILPOINT: 'janitor.evidence_told=stop' } })
  await until(() => /\) T /.test(readFileSync(`/proc/${stopped.pid}/stat`, 'utf8')), { timeoutMs: 20_000 })
  own.write('hold', '')
  const run = own.start(['run'])
  const id = await own.addTask('Write a file', '--repo', 'app')
  await until(async () => (await statusOf(own)).keepers.length === 1, { timeoutMs: 20_000 })
  stopped.signal('SIGCONT')
  expect(await stopped.ended).toMatchObject({ code: 0 })
  expect(existsSync(uncollected)).toBe(true)
  rmSync(join(own.dir, 'hold'))
  await own.untilState(id, 'Done')
  await own.oc(['stop'])
  await run.ended
  expect(await own.oc(['janitor'])).toMatchObject({ code: 0 })
  expect(existsSync(uncollected)).toBe(false)
}, 90_000)
