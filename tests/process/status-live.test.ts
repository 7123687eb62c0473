import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isUp, pidsOf, statusOf, untilStatus } from './support/live-status.ts'
import { oc } from './support/product.ts'
import { makeKey, makeSystem, type System } from './support/system.ts'

const MANIFEST = `version: 1
name: live
state_dir: state
sandbox: off
repos:
  app: {url: remote.git, checks: [test -s done.txt], merge: manual}
agents:
  slow: {type: command, command: [./slow.sh], timeout: 2m}
lanes:
  goal: {agent: slow, concurrency: 2}
  test: {agent: slow}
  review: {}
gates: {operators: {ada: {ssh_key_file: ada.pub}}}
supervision:
  heartbeat: {every: 200ms, stale_after: 1500ms}
  probe: {every: 400ms, answer_within: 300ms}
  orphan_timeout: 1m
`

/** Works until a file appears beside the manifest, and notes every start of its own. */
const SLOW = `#!/bin/sh
here=$(dirname "$0")
echo started >>"$here/starts"
while [ ! -e "$here/go-$OC_SUPERVISE_TASK" ]; do sleep 0.1; done
echo done >done.txt
`

const exitCode = async (system: System): Promise<number | null> =>
  (await oc(['status', '--exit-code', '--state-dir', system.layout.root])).code

/** The claim in every format at once: exit codes and words agree. */
const expectClaim = async (
  system: System,
  expected: { claim: string; exit: number; nagios: number; words: string },
): Promise<void> => {
  const of = (...flags: string[]) =>
    oc(['status', '--exit-code', '--state-dir', system.layout.root, ...flags])
  const [text, json, prometheus, nagios] = await Promise.all([
    of(),
    of('--format', 'json'),
    of('--format', 'prometheus'),
    of('--format', 'nagios'),
  ])
  expect([text.code, json.code, prometheus.code, nagios.code]).toEqual([
    expected.exit,
    expected.exit,
    expected.exit,
    expected.nagios,
  ])
  expect(text.stdout).toContain(expected.claim)
  expect(JSON.parse(json.stdout)).toMatchObject({ claim: expected.claim, exitCode: expected.exit })
  expect(prometheus.stdout).toMatch(new RegExp(`claim\\{[^}]*claim="${expected.claim}"[^}]*\\} 1`))
  expect(nagios.stdout).toMatch(new RegExp(`^OC-SUPERVISE ${expected.words} - ${expected.claim}`))
}

const reportsOf = (system: System, child: string): string[] =>
  readFileSync(system.layout.supervisorLog, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { context: string; child: string | null })
    .filter((report) => report.child === child)
    .map(({ context }) => context)

describe('status tells the truth about a living tree', () => {
  test('from never run to kill -9 of everything', async () => {
    const system = makeSystem(MANIFEST, {}, { 'slow.sh': SLOW })
    const { key } = makeKey(system.dir, 'ada')
    await expectClaim(system, { claim: 'snapshot_only', exit: 13, nagios: 2, words: 'CRITICAL' })

    const first = system.start(['run'])
    const task = await system.addTask('Make done.txt')
    const before = await untilStatus(system, ({ keepers }) => keepers.length === 1, 'an agent works')
    await expectClaim(system, { claim: 'live_attached', exit: 0, nagios: 0, words: 'OK' })
    const pids = pidsOf(before)

    // A lane that is stopped is not proved, whatever it said a moment ago; past its stale time it is replaced.
    process.kill(pids.review as number, 'SIGSTOP')
    await expectClaim(system, { claim: 'attachment_unproven', exit: 11, nagios: 2, words: 'CRITICAL' })
    const isReplaced = (status: Parameters<typeof isUp>[0]): boolean =>
      isUp(status) && pidsOf(status).review !== pids.review
    const replaced = await untilStatus(system, isReplaced, 'the stopped lane is replaced')
    expect(pidsOf(replaced)).toEqual({ ...pids, review: expect.any(Number) })
    expect(replaced.keepers).toEqual(before.keepers)
    expect(replaced.supervisor.pid).toBe(first.pid)
    const reports = reportsOf(system, 'review')
    for (const context of ['child_suspect', 'child_hung', 'diagnosed', 'child_terminated'])
      expect(reports).toContain(context)
    expect(reportsOf(system, 'goal')).not.toContain('child_hung')

    // The supervisor alone is killed: everybody else lives on, and status says who.
    first.signal('SIGKILL')
    await first.ended
    await expectClaim(system, { claim: 'attachment_unproven', exit: 11, nagios: 2, words: 'CRITICAL' })
    const orphaned = await statusOf(system)
    expect(orphaned).toMatchObject({ row: 'c', supervisor: { proof: 'gone' } })
    expect(orphaned.survivors).toBeGreaterThanOrEqual(4)

    // The next one adopts them all: the same pids, the same agent.
    const second = system.start(['run'])
    const adopted = await untilStatus(system, isUp, 'all are adopted')
    expect(pidsOf(adopted)).toEqual(pidsOf(replaced))
    expect(adopted.keepers).toEqual(before.keepers)
    expect(await exitCode(system)).toBe(0)

    // Only a gate is open.
    system.write(`go-${task}`, '')
    await untilStatus(system, ({ claim }) => claim === 'waiting_state_observed', 'only a gate waits')
    await expectClaim(system, { claim: 'waiting_state_observed', exit: 10, nagios: 1, words: 'WARNING' })
    expect((await statusOf(system)).attention).toMatchObject([{ kind: 'open_gate' }])
    expect((await system.oc(['status', '--exit-code', '--accept', 'waiting'])).code).toBe(0)
    expect(system.read('starts')).toBe('started\n')

    const { gates } = await system.json<{ gates: { id: string }[] }>(['gate', 'list'])
    const approved = ['--by', 'ada', '--key', key, '--note', 'read it']
    expect(await system.oc(['gate', 'approve', gates[0]?.id ?? '', ...approved])).toMatchObject({ code: 0 })
    await untilStatus(system, ({ claim }) => claim === 'live_attached', 'the gate is decided')
    await system.untilState(task, 'Done')

    expect(await system.oc(['stop'])).toMatchObject({ code: 0, stderr: '' })
    expect((await second.ended).code).toBe(0)
    await expectClaim(system, { claim: 'terminal_observed', exit: 12, nagios: 1, words: 'WARNING' })
    expect(await statusOf(system)).toMatchObject({ terminal: 'stopped', survivors: 0 })

    // All of it at once, with an agent at work.
    const third = system.start(['run'])
    const other = await system.addTask('Make done.txt again')
    await untilStatus(system, ({ keepers }) => keepers.length === 1, 'an agent works again')
    expect(await exitCode(system)).toBe(0)
    third.signal('SIGKILL')
    await third.ended
    // Status names every survivor: once these are gone, nothing is left.
    const { survivorList } = await statusOf(system)
    expect(survivorList.map(({ role }) => role).sort()).toEqual(['agent', 'keeper', 'lane', 'lane', 'lane'])
    for (const { pid } of survivorList) process.kill(pid, 'SIGKILL')
    await expectClaim(system, { claim: 'snapshot_only', exit: 13, nagios: 2, words: 'CRITICAL' })
    expect(await statusOf(system)).toMatchObject({ row: 'a', survivors: 0, terminal: null })
    expect((await system.task(other)).state).toBe('Running')
  }, 120_000)
})
