import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RestartType, Strategy } from '../../src/contracts/child-spec.ts'
import type { ChildRecord } from '../../src/contracts/status.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import {
  FOREVER,
  group,
  lives,
  makeFifo,
  pidOf,
  sh,
  spec,
  type TestSupervisor,
  testSupervisor,
} from './test-supervisor.ts'

/**
 * OTP's conformance list with real processes: three children a, b, c, started in that order; b ends in one of four ways.
 * What must become of b follows from its restart type, what must become of a and c from the strategy.
 */
const RESTARTS: RestartType[] = ['always', 'on-failure', 'never']
const EXITS = ['normal exit', 'asked stop', 'abnormal exit', 'signal'] as const
const STRATEGIES: Strategy[] = ['one_for_one', 'one_for_all', 'rest_for_one']

/** Waits at a named pipe, and exits with what it reads there. */
const OBEDIENT = ': > "$2"; read code < "$1"; exit "$code"'

const comesBack = (restart: RestartType, exit: (typeof EXITS)[number]): boolean => {
  if (exit === 'asked stop' || restart === 'never') return false
  return restart === 'always' || exit !== 'normal exit'
}

const setUp = async (restart: RestartType, strategy: Strategy) => {
  const dir = makeTempDir('matrix')
  const fifo = makeFifo(dir, 'orders')
  const ready = join(dir, 'ready')
  const specs = [
    spec('a', FOREVER, { order: 0 }),
    spec('b', sh(OBEDIENT, fifo, ready), { order: 1, restart, ready: { by: 'file', path: ready } }),
    spec('c', FOREVER, { order: 2 }),
  ]
  const supervisor = testSupervisor({ specs, groups: [group('default', { strategy })] })
  await supervisor.start()
  await supervisor.reach('c', 'ready')
  const before = supervisor.records()
  return { supervisor, specs, fifo, before }
}

const endB = async (
  exit: (typeof EXITS)[number],
  { supervisor, specs, fifo }: Awaited<ReturnType<typeof setUp>>,
): Promise<void> => {
  if (exit === 'normal exit') await writeFile(fifo, '0\n')
  if (exit === 'abnormal exit') await writeFile(fifo, '3\n')
  if (exit === 'signal') process.kill(pidOf(supervisor.record('b')), 'SIGKILL')
  if (exit === 'asked stop') supervisor.reload(specs.filter(({ id }) => id !== 'b'))
}

const of = (records: readonly ChildRecord[], id: string): ChildRecord => {
  const found = records.find((record) => record.id === id)
  if (found === undefined) throw new Error(`no record of ${id}`)
  return found
}

const expectReplaced = async (supervisor: TestSupervisor, before: ChildRecord): Promise<void> => {
  const after = await supervisor.replaced(before)
  expect(lives(before)).toBe(false)
  expect(lives(after)).toBe(true)
}

const expectUntouched = (supervisor: TestSupervisor, before: ChildRecord): void => {
  expect(supervisor.record(before.id).incarnation).toBe(before.incarnation)
  expect(lives(before)).toBe(true)
}

describe.each(STRATEGIES)('%s', (strategy) => {
  describe.each(RESTARTS)('restart %s', (restart) => {
    test.each(EXITS)(`${strategy}: ${restart} child after %s`, async (exit) => {
      const scene = await setUp(restart, strategy)
      const { supervisor, before } = scene
      const b = of(before, 'b')
      await endB(exit, scene)
      await until(() => !lives(b))

      if (comesBack(restart, exit)) await expectReplaced(supervisor, b)
      else if (exit === 'asked stop') await until(() => !supervisor.records().some(({ id }) => id === 'b'))
      else await supervisor.reach('b', 'finished')

      const siblings = { a: strategy === 'one_for_all', c: strategy !== 'one_for_one' }
      for (const [id, goesToo] of Object.entries(siblings)) {
        if (goesToo && comesBack(restart, exit)) await expectReplaced(supervisor, of(before, id))
        else expectUntouched(supervisor, of(before, id))
      }
      const unintended = supervisor.deaths().filter(({ cause }) => cause === 'exit' || cause === 'signal')
      expect(unintended.length > 0).toBe(
        exit !== 'asked stop' && !(exit === 'normal exit' && restart !== 'always'),
      )
    })
  })
})

test('a sibling that is never restarted goes down with its group and stays down', async () => {
  const specs = [spec('a', FOREVER), spec('b', FOREVER, { order: 1, restart: 'never' })]
  const supervisor = testSupervisor({ specs, groups: [group('default', { strategy: 'one_for_all' })] })
  await supervisor.start()
  const a = await supervisor.reach('a', 'ready')
  await supervisor.reach('b', 'ready')
  process.kill(pidOf(a), 'SIGKILL')
  await supervisor.reach('b', 'finished')
  await supervisor.replaced(a)
})

test('siblings go down right to left, and all come back left to right after the last is down', async () => {
  const specs = ['a', 'b', 'c', 'd'].map((id, order) => spec(id, FOREVER, { order }))
  const supervisor = testSupervisor({ specs, groups: [group('default', { strategy: 'rest_for_one' })] })
  await supervisor.start()
  const d = await supervisor.reach('d', 'ready')
  const already = supervisor.reports().length
  process.kill(pidOf(supervisor.record('b')), 'SIGKILL')
  await supervisor.replaced(d)
  const told = supervisor
    .reports()
    .slice(already)
    .filter(({ context }) => context === 'child_stopping' || context === 'child_started')
    .map(({ context, child }) => `${context} ${child}`)
  expect(told).toEqual([
    'child_stopping d',
    'child_stopping c',
    'child_started b',
    'child_started c',
    'child_started d',
  ])
})

describe('a sibling in trouble while its group comes back', () => {
  /** a, b and c of one group, b with a script of its own that is ready once it has written its file. */
  const groupWith = async (script: string, withinMs: number) => {
    const dir = makeTempDir('matrix')
    const trouble = join(dir, 'trouble')
    const ready = join(dir, 'ready')
    const b = sh(script, trouble, ready)
    const specs = [
      spec('a', FOREVER, { order: 0 }),
      spec('b', b, { order: 1, ready: { by: 'file', path: ready, withinMs }, restartLimit: { max: 2 } }),
      spec('c', FOREVER, { order: 2 }),
    ]
    const supervisor = testSupervisor({ specs, groups: [group('default', { strategy: 'one_for_all' })] })
    await supervisor.start()
    await supervisor.reach('c', 'ready')
    return { supervisor, trouble, before: supervisor.records() }
  }

  const deathsOfB = (supervisor: TestSupervisor) => supervisor.deaths().filter(({ child }) => child === 'b')

  test('one_for_all_other_child_fails_restart: one that fails to start is tried again, then all are up', async () => {
    const FAILS_ONCE = 'if rm "$1" 2>/dev/null; then exit 3; fi; : > "$2"; exec sleep 100000'
    const { supervisor, trouble, before } = await groupWith(FAILS_ONCE, 30_000)
    await writeFile(trouble, '')
    process.kill(pidOf(of(before, 'a')), 'SIGKILL')
    await until(() => deathsOfB(supervisor).some(({ cause }) => cause === 'exit'))
    for (const record of before) await expectReplaced(supervisor, record)
    expect(deathsOfB(supervisor).filter(({ cause }) => cause === 'exit')).toHaveLength(1)
    expect(supervisor.attention()).toEqual([])
  })

  test('hanging_restart_loop: one that never gets ready is bounded, and holds nobody up for ever', async () => {
    const HANGS = 'if [ ! -e "$1" ]; then : > "$2"; fi; exec sleep 100000'
    const { supervisor, trouble, before } = await groupWith(HANGS, 1_000)
    await writeFile(trouble, '')
    process.kill(pidOf(of(before, 'a')), 'SIGKILL')
    const given = await supervisor.reach('b', 'quarantined')
    expect(lives(given)).toBe(false)
    expect(supervisor.attention()).toMatchObject([{ kind: 'quarantine', subject: 'b' }])

    await rm(trouble)
    expect(supervisor.restartChild('b')).toBe(true)
    for (const record of before) await expectReplaced(supervisor, record)
    expect(supervisor.attention()).toEqual([])
  })
})
