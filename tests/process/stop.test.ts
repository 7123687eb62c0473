import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readRegistrations } from '../../src/platform/registrations.ts'
import { until } from '../support/until.ts'
import { isUp, pidsOf, statusOf, untilStatus } from './support/live-status.ts'
import { plainManifest, QUICK_PROBES } from './support/plain-manifest.ts'
import { processesUnder } from './support/processes-under.ts'
import { straysOf } from './support/product.ts'
import { makeSystem, type System } from './support/system.ts'

const MANIFEST = plainManifest(
  'stop',
  `agents:
  slow: {type: command, command: [./slow.sh], timeout: 2m}
lanes:
  goal: {agent: slow, retry_delay: 0s}
  review: {}
${QUICK_PROBES}`,
  'test -s done.txt',
)

/** Leaves half of its work at once, the rest when it may; a helper in a session of its own outlives any group's end. */
const SLOW = `#!/bin/sh
here=$(dirname "$0")
echo "$OC_SUPERVISE_ATTEMPT" >>"$here/starts"
echo half >half.txt
setsid sleep 300 &
while [ ! -e "$here/go" ]; do sleep 0.1; done
echo done >done.txt
`

const makeSlow = (program = SLOW): System => makeSystem(MANIFEST, {}, { 'slow.sh': program })

const expectNothingLeft = async (system: System): Promise<void> => {
  expect(await straysOf(system.layout.root)).toEqual([])
  await until(() => processesUnder(system.dir).length === 0, { timeoutMs: 2_000, what: 'nothing is left' })
}

const agentStarted = (system: System) =>
  untilStatus(system, ({ keepers }) => keepers.length === 1, 'an agent works')
const startsOf = (system: System): string[] => system.read('starts').trim().split('\n')

describe('a stop', () => {
  test('a signal that comes while the tree is only starting is kept, and stops it cleanly once it can', async () => {
    const system = makeSlow()
    const run = system.start(['run'], {
      env: { OC_SUPERVISE_FAILPOINT: 'append:supervisor_started:before=stop' },
    })
    await until(() => /\nState:\s+T/.test(readFileSync(`/proc/${run.pid}/status`, 'utf8')), {
      timeoutMs: 10_000,
      what: 'it stands still between its start and its first look',
    })
    run.signal('SIGTERM')
    run.signal('SIGCONT')
    const ended = await run.ended
    expect(ended, ended.stderr).toMatchObject({ code: 0, signal: null })
    expect(ended.stdout).toContain('stopped cleanly')
    expect((await system.oc(['status', '--exit-code'])).code).toBe(12)
    await expectNothingLeft(system)
  }, 60_000)

  test('a detached tree leaves no registration of itself behind, nor of one that was killed', async () => {
    const system = makeSlow()
    const registered = () => readRegistrations(system.layout.registrations).map(({ intent }) => intent.role)
    expect(await system.oc(['run', '--detach'])).toMatchObject({ code: 0, stderr: '' })
    const { supervisor } = await untilStatus(system, isUp, 'up')
    expect(registered()).toContain('supervisor')
    process.kill(supervisor.pid, 'SIGKILL')
    const again = await system.oc(['run', '--detach', '--json'])
    expect(again).toMatchObject({ code: 0, stderr: '' })
    const said = JSON.parse(again.stdout)
    expect(await untilStatus(system, isUp, 'up again')).toMatchObject({ supervisor: { pid: said.pid } })
    expect(await system.oc(['stop'])).toMatchObject({ code: 0 })
    await until(() => registered().length === 0, { timeoutMs: 10_000, what: 'no registration is left' })
    await expectNothingLeft(system)
  }, 60_000)

  test('SIGTERM: agents are stopped, the work is saved, exit 0; the next run goes on and the kill costs no attempt', async () => {
    const system = makeSlow()
    const run = system.start(['run'])
    const id = await system.addTask('Make done.txt')
    await agentStarted(system)
    await until(() => startsOf(system).length === 1)
    run.signal('SIGTERM')
    const ended = await run.ended
    expect(ended, ended.stderr).toMatchObject({ code: 0, signal: null, stderr: '' })
    expect(ended.stdout).toContain('stopped cleanly')
    await expectNothingLeft(system)
    expect((await system.oc(['status', '--exit-code'])).code).toBe(12)
    expect((await system.task(id)).state).toBe('Running')

    system.write('go', '')
    expect(await system.run()).toMatchObject({ code: 0, stderr: '' })
    expect((await system.task(id)).state).toBe('Done')
    expect(startsOf(system)).toHaveLength(2)
    expect(system.show('done.txt')).toBe('done')
    expect(await system.oc(['verify'])).toMatchObject({ code: 0 })
    await expectNothingLeft(system)
  }, 60_000)

  test('--keep-agents: the agent lives on, the next run adopts it; --drain waits for it and claims nothing new', async () => {
    const system = makeSlow()
    const first = system.start(['run'])
    const id = await system.addTask('Make done.txt')
    const working = await agentStarted(system)
    expect(await system.oc(['stop', '--keep-agents'])).toMatchObject({
      code: 0,
      stdout: 'stopped\n',
      stderr: '',
    })
    expect((await first.ended).code).toBe(0)
    const kept = await statusOf(system)
    expect(kept).toMatchObject({ claim: 'attachment_unproven', survivors: 2 })
    expect(kept.survivorList.map(({ role }) => role).sort()).toEqual(['agent', 'keeper'])

    const second = system.start(['run'])
    const adopted = await untilStatus(
      system,
      (status) => isUp(status) && status.keepers.length === 1,
      'adopted',
    )
    expect(adopted.keepers).toEqual(working.keepers)
    expect(await system.oc(['stop', '--drain', '--no-wait'])).toMatchObject({ code: 0, stdout: 'draining\n' })
    const later = await system.addTask('Make it again')
    system.write('go', '')
    expect(await second.ended).toMatchObject({ code: 0, stderr: '' })
    expect(startsOf(system)).toEqual(['1'])
    expect((await system.task(later)).state).toBe('Ready')
    expect(['Review', 'Done']).toContain((await system.task(id)).state)
    await expectNothingLeft(system)
  }, 60_000)

  test('a terminal that hangs up, or is read by nobody any more, ends nothing', async () => {
    const system = makeSlow()
    const run = system.start(['run'])
    const before = await untilStatus(system, isUp, 'up')
    run.closeOutput()
    run.signal('SIGHUP')
    // It has something to say, and to whom is gone.
    process.kill(pidsOf(before).goal as number, 'SIGKILL')
    const id = await system.addTask('Make done.txt')
    await agentStarted(system)
    expect((await statusOf(system)).supervisor.pid).toBe(before.supervisor.pid)
    expect(await system.oc(['stop'])).toMatchObject({ code: 0, stderr: '' })
    expect((await run.ended).code).toBe(0)
    expect((await system.task(id)).state).toBe('Running')
    await expectNothingLeft(system)
  }, 60_000)

  test('a second signal ends everything at once: exit 130, nothing left, and nothing lost', async () => {
    const system = makeSlow(SLOW.replace('#!/bin/sh', "#!/bin/sh\ntrap '' TERM INT HUP"))
    const run = system.start(['run'])
    const id = await system.addTask('Make done.txt')
    await agentStarted(system)
    await until(() => startsOf(system).length === 1)
    run.signal('SIGINT')
    await untilStatus(
      system,
      ({ children }) => children.some(({ state }) => state === 'stopping'),
      'it stops',
    )
    const beganMs = performance.now()
    run.signal('SIGINT')
    const ended = await run.ended
    expect(performance.now() - beganMs).toBeLessThan(20_000)
    expect(ended, ended.stderr).toMatchObject({ code: 130, stderr: '' })
    expect(ended.stdout).toContain('stopped at once')
    await expectNothingLeft(system)

    system.write('go', '')
    expect((await system.run()).code).toBe(0)
    expect((await system.task(id)).state).toBe('Done')
  }, 60_000)
})

describe('steering a running tree', () => {
  test('pause claims nothing, unpause does; restart LANE replaces it and leaves agents and others alone', async () => {
    const system = makeSlow()
    const run = system.start(['run'])
    await untilStatus(system, isUp, 'up')
    expect(await system.oc(['pause'])).toMatchObject({ code: 0, stdout: 'paused\n' })
    expect((await system.oc(['status', '--exit-code'])).code).toBe(10)
    const id = await system.addTask('Make done.txt')
    // Whatever would claim it has had its turn once the lane has answered a restart.
    await system.oc(['restart', 'goal'])
    expect((await system.task(id)).state).toBe('Ready')
    expect(await system.oc(['unpause'])).toMatchObject({ code: 0, stdout: 'running\n' })
    const before = await agentStarted(system)
    await untilStatus(system, isUp, 'up again')
    const pids = pidsOf(await statusOf(system))

    expect(await system.oc(['restart', 'goal'])).toMatchObject({ code: 0, stdout: 'restarting goal\n' })
    const after = await untilStatus(
      system,
      (status) => isUp(status) && pidsOf(status).goal !== pids.goal,
      'restarted',
    )
    expect(pidsOf(after)).toEqual({ ...pids, goal: expect.any(Number) })
    expect(after.keepers).toEqual(before.keepers)
    expect(await system.oc(['restart', 'nobody'])).toMatchObject({ code: 1, stdout: '' })

    system.write('go', '')
    await system.untilState(id, 'Done')
    expect(startsOf(system)).toEqual(['1'])
    expect(await system.oc(['stop'])).toMatchObject({ code: 0 })
    expect((await run.ended).code).toBe(0)
    await expectNothingLeft(system)
    expect(await system.oc(['pause'])).toMatchObject({ code: 1, stdout: '' })
  }, 60_000)
})
