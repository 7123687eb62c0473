import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { isUp, type LiveStatus, pidsOf, statusOf, untilStatus } from './support/live-status.ts'
import { oc } from './support/product.ts'
import { makeSystem, type System } from './support/system.ts'

const MANIFEST = `version: 1
name: reload
state_dir: state
sandbox: off
repos:
  app: {url: remote.git, checks: [test -s done.txt], merge: auto}
agents:
  first: {type: command, command: [./agent.sh], env: {WHO: first}}
  second: {type: command, command: [./agent.sh], env: {WHO: second}}
lanes:
  goal: {agent: first}
  test: {agent: first}
  review: {}
services:
  clock: {command: [sleep, "300"]}
gates: {signing: optional}
supervision: {heartbeat: {every: 500ms, stale_after: 10s}, probe: {every: 1s, answer_within: 900ms}}
`

const reloads = (status: LiveStatus) => status.attention.filter(({ kind }) => kind === 'reload_refused')
const isApplied = (status: LiveStatus): boolean => isUp(status) && reloads(status).length === 0

type Change = { key: string; before: unknown; after: unknown }

/** The reloads that the journal holds, oldest first. */
const journaled = async (
  system: System,
): Promise<{ applied: Change[]; waiting: Change[]; refused: string[] }[]> => {
  const file = `${system.dir}/export-${Date.now()}.ndjson`
  expect(await oc(['journal', 'export', file, '--state-dir', system.layout.root])).toMatchObject({ code: 0 })
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).event)
    .flatMap((event) =>
      event?.stream === 'supervisor' && event.type === 'reload' && event.data.applied ? [event.data] : [],
    )
}

describe('the manifest edited, broken and repaired during a run', () => {
  test('only the named child restarts; a broken file changes nothing; a forbidden key waits for a restart', async () => {
    const system = makeSystem(
      MANIFEST,
      {},
      { 'agent.sh': '#!/bin/sh\necho "$WHO" | tee done.txt >>"$(dirname "$0")/ran"\n' },
    )
    const edit = (text: string) => system.write('oc-supervise.yaml', text)
    const run = system.start(['run'])
    const started = await untilStatus(system, isUp, 'up')
    let pids = pidsOf(started)
    /** Waits until exactly these children have other pids, and nobody else has. */
    const expectRestarted = async (...children: string[]): Promise<void> => {
      const status = await untilStatus(
        system,
        (now) => isApplied(now) && children.every((child) => pidsOf(now)[child] !== pids[child]),
        `${children.join()} restarted`,
      )
      const now = pidsOf(status)
      expect(now).toEqual({
        ...pids,
        ...Object.fromEntries(children.map((child) => [child, expect.any(Number)])),
      })
      pids = now
    }

    const withSecond = MANIFEST.replace('goal: {agent: first}', 'goal: {agent: second}')
    edit(withSecond)
    await expectRestarted('goal')
    await system.addTask('Write done.txt')
    await until(() => system.read('ran') === 'second\n', { timeoutMs: 20_000, everyMs: 50 })

    // Broken: nothing changes, and it says so with file, line and remedy.
    edit(withSecond.replace('agent: second}', 'agnet: second}'))
    const broken = await untilStatus(system, (status) => reloads(status).length > 0, 'the mistake is told')
    expect(reloads(broken)).toMatchObject([{ subject: 'manifest', action: expect.stringContaining('mend') }])
    expect(reloads(broken)[0]?.reason).toMatch(/oc-supervise\.yaml:\d+:\d+: .*agnet.*agent/)
    expect(pidsOf(await statusOf(system))).toEqual(pids)
    expect((await oc(['status', '--exit-code', '--state-dir', system.layout.root])).code).toBe(0)
    edit(`${withSecond}\n  : [not yaml`)
    await until(
      async () => (await journaled(system)).filter(({ refused }) => refused.length > 0).length === 2,
    )

    // Repaired as it was: nobody restarts.
    edit(withSecond)
    const repaired = await untilStatus(system, isApplied, 'repaired')
    expect(pidsOf(repaired)).toEqual(pids)

    // A service changes, a lane goes, another comes: each for itself.
    const services = withSecond.replace('sleep, "300"', 'sleep, "301"')
    edit(services)
    await expectRestarted('clock')
    edit(services.replace('  test: {agent: first}\n', ''))
    await untilStatus(system, (status) => !('test' in pidsOf(status)), 'the lane is gone')
    const { test: _gone, ...rest } = pids
    pids = rest
    edit(services)
    const back = await untilStatus(
      system,
      (status) => isApplied(status) && 'test' in pidsOf(status),
      'it is back',
    )
    pids = { ...pids, test: pidsOf(back).test as number }
    expect(pidsOf(back)).toEqual(pids)

    // Keys that decide whether people are asked wait for a person.
    const strict = services.replace(
      'gates: {signing: optional}',
      'gates: {signing: optional, expires_after: 1d}',
    )
    edit(strict.replace('sandbox: off', 'sandbox: off\npolicy: {max_changed_files: 1}'))
    const waiting = await untilStatus(system, (status) => reloads(status).length === 2, 'two keys wait')
    expect(reloads(waiting).map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['policy.max_changed_files', 'gates.expires_after']),
    )
    // The file may name another state folder by now: what is to be stopped is named without it.
    expect(reloads(waiting)[0]?.action).toContain(`stop --state-dir ${system.layout.root}`)
    expect(pidsOf(waiting)).toEqual(pids)
    const text = await system.oc(['status'])
    expect(text.stdout).toContain('policy.max_changed_files')

    const journal = await journaled(system)
    expect(journal[0]?.applied).toEqual([{ key: 'lanes.goal.agent', before: 'first', after: 'second' }])
    expect(journal.at(-1)?.waiting).toContainEqual({
      key: 'policy.max_changed_files',
      before: null,
      after: 1,
    })
    expect(journal.at(-1)?.waiting).toHaveLength(2)

    expect(await system.oc(['stop'])).toMatchObject({ code: 0 })
    const ended = await run.ended
    expect(ended, ended.stderr).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout).toContain('waits for a restart: ')
    const again = system.start(['run'])
    expect(reloads(await untilStatus(system, isUp, 'up again'))).toEqual([])
    again.signal('SIGTERM')
    await again.ended
  }, 90_000)
})
