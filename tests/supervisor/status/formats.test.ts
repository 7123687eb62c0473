import { describe, expect, test } from 'vitest'
import type { StatusFile } from '../../../src/contracts/status.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { runStatus } from '../../../supervisor/status/status-main.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { childRecord, makeTree, status } from './status-fixture.ts'

const attention: StatusFile['attention'] = [
  {
    kind: 'blocked_task',
    subject: 'task-7',
    reason: 'checks failed',
    action: 'oc-supervise task retry task-7',
  },
  {
    kind: 'open_gate',
    subject: 'gate-1',
    reason: 'evil\u001b[2J"\n|',
    action: 'oc-supervise gate show gate-1',
  },
  { kind: 'quarantine', subject: 'goal', reason: 'five deaths', action: 'oc-supervise restart goal' },
]

test.each(['text', 'json', 'prometheus', 'nagios'])(
  '%s: what wants a person, with one action each',
  async (format) => {
    const { layout, write } = await makeTree()
    write({ attention })
    const { out } = await status(layout.root, '--format', format)
    for (const { kind, subject, action } of attention) {
      expect(out).toContain(kind)
      expect(out).toContain(subject)
      expect(out).toContain(action)
    }
    expect(out).not.toContain('\u001b')
  },
)

test.each(['text', 'json', 'prometheus', 'nagios'])('%s: survivors', async (format) => {
  const { layout, supervisor } = await makeTree()
  await supervisor.signal('SIGKILL')
  const { out } = await status(layout.root, `--format=${format}`)
  expect(out).toMatch(/survivors("?: ?|=|\{name="api"\} )1\b/)
})

test('text: colours on a terminal, unless NO_COLOR asks for none', async () => {
  const { layout } = await makeTree()
  const call = async (env: NodeJS.ProcessEnv, isTTY: boolean): Promise<string> => {
    const out: string[] = []
    await runStatus({
      argv: ['--state-dir', layout.root],
      env,
      stdout: { isTTY, write: (text) => out.push(text) },
      stderr: { write: () => undefined },
      stateDirOf: async () => '',
    })
    return out.join('')
  }
  expect(await call({}, true)).toContain('\u001b[32mlive_attached\u001b[0m')
  expect(await call({ NO_COLOR: '1' }, true)).not.toContain('\u001b')
  expect(await call({}, false)).not.toContain('\u001b')
})

test.each([
  ['text', 'containment: namespace; sandbox: off; gate trust: same-user'],
  ['nagios', 'containment: namespace; sandbox: off; gate trust: same-user'],
  [
    'prometheus',
    'oc_supervise_walls{name="api",containment="namespace",sandbox="off",gate_trust="same-user"} 1',
  ],
  ['json', '"containment":"namespace","sandbox":"off","gateTrust":"same-user"'],
])('%s: says what is weaker', async (format, said) => {
  const { layout } = await makeTree()
  expect((await status(layout.root, '--format', format)).out).toContain(said)
})

test('text: says how old its counts are once nobody keeps them up to date', async () => {
  const { layout, supervisor } = await makeTree()
  expect((await status(layout.root)).out).toMatch(/^tasks: 1 ready, .* 0 blocked$/m)
  await supervisor.signal('SIGKILL')
  expect((await status(layout.root)).out).toMatch(/^tasks: 1 ready, .* 0 blocked, as recorded 0 min ago$/m)
})

test('text: says for how long the supervisor has run only while it does', async () => {
  const { layout, supervisor } = await makeTree()
  expect((await status(layout.root)).out).toMatch(/^supervisor: proved, .*; up \d+ min; survivors: 0$/m)
  await supervisor.signal('SIGKILL')
  expect((await status(layout.root)).out).toMatch(/^supervisor: gone, (?!.*; up ).*; survivors: 1$/m)
})

test('prometheus: names the tree before its first run too', async () => {
  const { out } = await status('/no/such/tree', '--format', 'prometheus')
  expect(out).toContain('oc_supervise_claim{name="tree",claim="snapshot_only"} 1')
})

test('json: one object, with the code that --exit-code would give', async () => {
  const { layout, lane, write } = await makeTree()
  write({
    children: [
      childRecord(lane.identity),
      childRecord(null, { id: 'test', state: 'backingOff', reason: 'died' }),
    ],
  })
  const { code, out } = await status(layout.root, '--json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    name: 'api',
    claim: 'attachment_unproven',
    row: 'd',
    exitCode: 11,
    reason: 'not proved: test (backingOff: died)',
    supervisor: { proof: 'proved' },
    children: [
      { id: 'goal', proof: 'proved', heartbeat: { doing: 'idle', detail: 'no work' } },
      { id: 'test', proof: 'gone', pid: null, heartbeat: null },
    ],
    problems: [],
    run: null,
  })
})

test('prometheus: every line is a comment or a sample, every claim has one', async () => {
  const { layout, write } = await makeTree()
  write({ attention })
  const { out } = await status(layout.root, '--format', 'prometheus')
  for (const line of out.trimEnd().split('\n')) {
    expect(line).toMatch(
      /^# (HELP|TYPE) oc_supervise_\w+ .+$|^oc_supervise_\w+\{(\w+="([^"\\\n]|\\.)*",?)*\} -?[\d.]+$/,
    )
  }
  expect(out).toContain('oc_supervise_claim{name="api",claim="waiting_state_observed"} 1')
  expect(out.match(/^oc_supervise_claim\{.*\} 0$/gm)).toHaveLength(4)
  expect(out).toContain('oc_supervise_child_proved{name="api",child="goal",state="ready"} 1')
})

test('before the first run it goes by the name of its folder', async () => {
  const dir = `${makeTempDir('never-run')}/api`
  expect(JSON.parse((await status(dir, '--json')).out)).toMatchObject({ name: 'api', row: 'a' })
  expect((await status(dir, '--format', 'prometheus')).out).toContain(
    'oc_supervise_claim_code{name="api"} 13',
  )
})

test('nagios: its words, its codes, and one line before the figures', async () => {
  const { layout, supervisor, lane, write } = await makeTree()
  const nagios = async (...argv: string[]): Promise<[number, string]> => {
    const { code, out } = await status(layout.root, '--format', 'nagios', ...argv)
    return [code, out.split(' ').slice(0, 2).join(' ')]
  }
  expect(await nagios()).toEqual([0, 'OC-SUPERVISE OK'])
  write({ paused: true })
  expect(await nagios()).toEqual([1, 'OC-SUPERVISE WARNING'])
  expect(await nagios('--accept', 'waiting')).toEqual([0, 'OC-SUPERVISE OK'])
  write({ attention })
  const { out } = await status(layout.root, '--format', 'nagios')
  expect(out.split('\n')[0]?.split('|')).toHaveLength(2)
  expect(out.trimEnd().split('\n')).toHaveLength(4)
  await supervisor.signal('SIGKILL')
  expect(await nagios()).toEqual([2, 'OC-SUPERVISE CRITICAL'])
  await lane.signal('SIGKILL')
  for (const [terminal, code] of [
    ['passed', 0],
    ['stopped', 1],
    ['parked', 2],
  ] as const) {
    write({ cleanStop: { at: systemClock.now(), terminal } })
    expect((await nagios())[0]).toBe(code)
  }
  expect((await nagios('--run-id', 'run-none'))[0]).toBe(3)
  expect((await nagios('--no-such-flag'))[0]).toBe(3)
})

test('nagios: what cannot be asked is UNKNOWN, on the one line that a monitor reads', async () => {
  const { layout } = await makeTree()
  const out: string[] = []
  const call = (...argv: string[]) =>
    runStatus({
      argv: ['--format', 'nagios', ...argv],
      env: {},
      stdout: { write: (text) => out.push(text) },
      stderr: { write: () => undefined },
      stateDirOf: async () => Promise.reject(new Error('the manifest has a problem:\n  oc.yaml:1:1: a|b')),
    })
  expect(await call()).toBe(3)
  expect(await call('--no-such-flag')).toBe(3)
  expect(await call('--state-dir', layout.root, '--run-id', 'run-none')).toBe(3)
  expect(out[0]).toBe('OC-SUPERVISE UNKNOWN - the manifest has a problem:   oc.yaml:1:1: a/b\n')
  expect(out.map((text) => text.split(' - ')[0])).toEqual(Array(3).fill('OC-SUPERVISE UNKNOWN'))
})

describe('--watch', () => {
  /** Watches until it was shown twice, or ends by itself. */
  const watch = async (...argv: string[]): Promise<[code: number, shown: number]> => {
    const ended = new AbortController()
    let shown = 0
    const code = await runStatus({
      argv: ['--watch', ...argv],
      env: {},
      stdout: {
        write: () => {
          shown += 1
          if (shown === 2) ended.abort()
        },
      },
      stderr: { write: () => undefined },
      stateDirOf: async () => '',
      signal: ended.signal,
    })
    return [code, shown]
  }

  test('goes on until it is told to end', async () => {
    const { layout } = await makeTree()
    expect(await watch('--state-dir', layout.root, '--exit-code')).toEqual([0, 2])
  })

  test('goes on while it shows what is critical, and ends where there is nothing to show', async () => {
    const { layout, supervisor } = await makeTree()
    await supervisor.signal('SIGKILL')
    expect(await watch('--state-dir', layout.root, '--format', 'nagios')).toEqual([2, 2])
    const unknown = ['--state-dir', layout.root, '--run-id', 'run-none']
    expect(await watch(...unknown)).toEqual([2, 0])
    expect(await watch(...unknown, '--format', 'nagios')).toEqual([3, 1])
  })
})
