import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadOrCreateKeys } from '../../src/durable/keys.ts'
import { databaseSource } from '../../src/durable/sqlite/database-source.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import { START_EVENT } from '../../src/durable/start-event.ts'
import { verify } from '../../src/durable/verify.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { makeTempDir } from '../support/temp-dir.ts'

const CHILD = fileURLToPath(new URL('fixtures/host-child.ts', import.meta.url))

/** A journal in which the toy is to be started, set to work and finished. */
const prepare = async (): Promise<{ dir: string; path: string; outside: string }> => {
  const dir = makeTempDir('crash')
  const path = join(dir, 'journal.db')
  const store = await openSqliteStore({ path, clock: systemClock })
  const row = { actor: 't1', queue: 'q' }
  const start = { machine: 'toy', input: { n: 0 } }
  await store.enqueue({ ...row, id: 's', event: { type: START_EVENT }, start })
  await store.enqueue({ ...row, id: 'g', event: { type: 'GO' }, start: null })
  await store.close()
  return { dir, path, outside: join(dir, 'outside') }
}

const runChild = (path: string, outside: string, env: Record<string, string>) =>
  spawnSync(process.execPath, [CHILD, path, outside], {
    env: { PATH: process.env.PATH ?? '', ...env },
    encoding: 'utf8',
    timeout: 20_000,
  })

/** In the order in which they are passed, so that every life gets a little further than the one before. */
const POINTS = [
  'commit:toy:xstate.init:before',
  'commit:toy:xstate.init:inside',
  'commit:toy:xstate.init:after',
  'commit:toy:GO:inside',
  'commit:toy:GO:after',
  'effect:work:before',
  'effect:work:after',
  'commit:toy:xstate.done.actor.work:before',
  'commit:toy:xstate.done.actor.work:inside',
  'commit:toy:xstate.done.actor.work:after',
  'effect:note:before',
  'effect:note:after',
  'commit:toy:effect.settled:inside',
  'commit:toy:effect.settled:after',
  'commit:toy:FINISH:inside',
  'commit:toy:FINISH:after',
]

describe('kill -9', () => {
  it('at every point in turn, life after life, loses nothing and does nothing twice', async () => {
    const { dir, path, outside } = await prepare()
    for (const point of POINTS) {
      const { signal, stderr } = runChild(path, outside, { OC_SUPERVISE_FAILPOINT: `${point}=kill` })
      expect([point, signal, stderr]).toEqual([point, 'SIGKILL', ''])
    }
    expect(runChild(path, outside, {})).toMatchObject({ status: 0, stderr: '' })

    const done = readFileSync(outside, 'utf8').trim().split('\n')
    expect(done).toEqual(['t1/2/work', 't1/3/2'])
    const store = await openSqliteStore({ path, clock: systemClock })
    const events = (await store.readStream('t1', 1)).map((event) => event.type)
    await store.close()
    expect(events).toEqual(['xstate.init', 'GO', 'xstate.done.actor.work', 'effect.settled', 'FINISH'])
    const { publicKey } = loadOrCreateKeys(join(dir, 'keys'))
    expect(verify(databaseSource(path), { publicKey })).toMatchObject({ ok: true, altered: [], missing: [] })
  }, 60_000)
})
