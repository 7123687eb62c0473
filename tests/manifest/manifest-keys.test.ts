import { describe, expect, test } from 'vitest'
import { manifestJsonSchema } from '../../src/manifest/json-schema.ts'
import { keyRows } from '../../src/manifest/key-table.ts'
import { compiled, fullManifest, problemsOf, publicKey, testContext } from './compile-text.ts'

type Data = Record<string, unknown>

type KeyCase = readonly [key: string, value: unknown, path: string, compiled: unknown]

/** The same keys for everything, a repository, a lane and an agent. */
const budgetKeys = (at: string): KeyCase[] => [
  ...(['hour', 'day'] as const).flatMap((span): KeyCase[] => {
    const compiled = `${at}.${span === 'hour' ? 'perHour' : 'perDay'}`
    return [
      [`${at}.per_${span}.runs`, 7, `${compiled}.runs`, 7],
      [`${at}.per_${span}.tokens`, 1000, `${compiled}.tokens`, 1000],
      [`${at}.per_${span}.usd`, 1.5, `${compiled}.usdMicros`, 1_500_000],
    ]
  }),
  [`${at}.per_task.usd`, 3, `${at}.perTask.usdMicros`, 3_000_000],
  [`${at}.per_task.tokens`, 1000, `${at}.perTask.tokens`, 1000],
  [`${at}.per_task.attempts`, 2, `${at}.perTask.attempts`, 2],
  [`${at}.per_attempt.usd`, 0.1, `${at}.perAttempt.usdMicros`, 100_000],
  [`${at}.per_attempt.tokens`, 1000, `${at}.perAttempt.tokens`, 1000],
]

/** Every key: a value unlike its default, and where the compiled manifest shows it. */
const KEYS: readonly KeyCase[] = [
  ['name', 'other', 'name', 'other'],
  ['state_dir', '../elsewhere', 'stateDir', '/elsewhere/full'],
  ['repos.api.url', '/srv/b.git', 'repos.api.url', '/srv/b.git'],
  ['repos.api.default_branch', 'trunk', 'repos.api.defaultBranch', 'trunk'],
  ['repos.api.allowed_base_branches', ['release/*'], 'repos.api.allowedBaseBranches', ['release/*']],
  ['repos.api.setup', ['npm ci'], 'repos.api.setup', ['npm ci']],
  ['repos.api.setup_network', true, 'repos.api.setupNetwork', 'any'],
  ['repos.api.setup_network', ['registry.npmjs.org'], 'repos.api.setupNetwork', ['registry.npmjs.org']],
  ['repos.api.setup_timeout', '1h30m', 'repos.api.setupTimeoutMs', 5_400_000],
  [
    'repos.api.checks',
    ['make'],
    'repos.api.checks',
    [{ name: 'make', run: 'make', timeoutMs: 600_000, retries: 0, network: [] }],
  ],
  ['repos.api.checks.0.name', 'all', 'repos.api.checks.0.name', 'all'],
  ['repos.api.checks.0.run', 'make', 'repos.api.checks.0.run', 'make'],
  ['repos.api.checks.0.timeout', '5s', 'repos.api.checks.0.timeoutMs', 5000],
  ['repos.api.checks.0.retries', 2, 'repos.api.checks.0.retries', 2],
  ['repos.api.checks.0.network', true, 'repos.api.checks.0.network', 'any'],
  ['repos.api.checks.0.network', ['127.0.0.1:5432'], 'repos.api.checks.0.network', ['127.0.0.1:5432']],
  ['repos.api.allowed_paths', ['src/**'], 'repos.api.allowedPaths', ['src/**']],
  ['repos.api.review_paths', ['db/**'], 'repos.api.reviewPaths', ['db/**']],
  ['repos.api.blocked_paths', ['infra/**'], 'repos.api.blockedPaths', ['infra/**']],
  ['repos.api.tampering', 'review', 'repos.api.tampering', 'review'],
  ['repos.api.restore_tests', false, 'repos.api.restoreTests', false],
  ['repos.api.secret_paths', ['test/keys/**'], 'repos.api.secretPaths', ['test/keys/**']],
  ['repos.api.env', { CI: '1' }, 'repos.api.env', { CI: '1' }],
  ['repos.api.merge', 'auto', 'repos.api.merge', 'auto'],
  ['repos.api.merge_method', 'merge', 'repos.api.mergeMethod', 'merge'],
  ['repos.api.review.max_revisions', 0, 'repos.api.review.maxRevisions', 0],
  ['repos.api.review.on_human_timeout', 'requeue', 'repos.api.review.onHumanTimeout', 'requeue'],
  ['repos.api.review.human_timeout', '2d', 'repos.api.review.humanTimeoutMs', 172_800_000],
  ['repos.api.review.require_explicit_approval', true, 'repos.api.review.requireExplicitApproval', true],
  ['board', { type: 'local', import: './tasks.yaml' }, 'board.importFile', '/m/tasks.yaml'],
  ['agents.fake.command', ['./agent.sh', './x'], 'agents.fake.command', ['/m/agent.sh', './x']],
  ['agents.fake.prompt', 'file', 'agents.fake.prompt', 'file'],
  ['agents.fake.auth', { env: 'API_KEY' }, 'agents.fake.secrets', { API_KEY: { env: 'API_KEY' } }],
  ['agents.fake.auth', { env: 'A', as: 'B' }, 'agents.fake.secrets', { B: { env: 'A' } }],
  ['agents.fake.auth', { file: '~/k', as: 'B' }, 'agents.fake.secrets', { B: { file: '/home/ada/k' } }],
  [
    'agents.fake.auth',
    { command: ['pass', 'k'], as: 'B' },
    'agents.fake.secrets',
    { B: { command: ['pass', 'k'] } },
  ],
  ['agents.fake.model', 'large', 'agents.fake.model', 'large'],
  ['agents.fake.env', { A: 'b' }, 'agents.fake.env', { A: 'b' }],
  ['agents.fake.timeout', '45m', 'agents.fake.timeoutMs', 2_700_000],
  ['agents.fake.idle_timeout', '5m', 'agents.fake.idleTimeoutMs', 300_000],
  ['agents.fake.auth', 'inherit', 'agents.fake.inheritsLogin', true],
  ['agents.fake.base_url', 'http://127.0.0.1:8080/v1', 'agents.fake.baseUrl', 'http://127.0.0.1:8080/v1'],
  ['agents.fake.boot_timeout', '30s', 'agents.fake.bootTimeoutMs', 30_000],
  ['agents.fake.tool_timeout', '10m', 'agents.fake.toolTimeoutMs', 600_000],
  ['agents.fake.max_turns', 40, 'agents.fake.maxTurns', 40],
  ['agents.fake.max_tokens', 2_000_000, 'agents.fake.maxTokens', 2_000_000],
  ['agents.fake.max_memory', '2GiB', 'agents.fake.maxMemoryBytes', 2_147_483_648],
  ['agents.fake.max_processes', 64, 'agents.fake.maxProcesses', 64],
  ['agents.fake.max_disk', '1GiB', 'agents.fake.maxDiskBytes', 1_073_741_824],
  ['agents.fake.progress_fuel', 30, 'agents.fake.progressFuel', 30],
  [
    'agents.fake.price',
    { input_usd: 3, cached_input_usd: 0.3, output_usd: 15 },
    'agents.fake.price',
    { inputUsd: 3, cachedInputUsd: 0.3, outputUsd: 15 },
  ],
  ['agents.fake.covered', true, 'agents.fake.covered', true],
  [
    'agents.fake.sandbox',
    { network: ['api.acme.com'] },
    'agents.fake.sandbox',
    { network: ['api.acme.com'] },
  ],
  ['agents.tape.recordings', '/t', 'agents.tape.recordings', '/t'],
  ['agents.fake', { type: 'recorded', recordings: '/t' }, 'agents.fake.type', 'recorded'],
  ['lanes.propose.poll_interval', '5s', 'lanes.propose.pollIntervalMs', 5000],
  ['lanes.review.poll_interval', '5s', 'lanes.review.pollIntervalMs', 5000],
  ...['goal', 'test', 'improve'].flatMap(
    (lane) =>
      [
        [`lanes.${lane}.agent`, 'tape', `lanes.${lane}.agent`, 'tape'],
        [`lanes.${lane}.fallback`, ['tape'], `lanes.${lane}.fallbacks`, ['tape']],
        [`lanes.${lane}.concurrency`, 2, `lanes.${lane}.concurrency`, 2],
        [`lanes.${lane}.poll_interval`, '5s', `lanes.${lane}.pollIntervalMs`, 5000],
        [`lanes.${lane}.max_attempts`, 5, `lanes.${lane}.maxAttempts`, 5],
        [`lanes.${lane}.retry_delay`, '0s', `lanes.${lane}.retryDelayMs`, 0],
      ] as const,
  ),
  ['services.web.command', ['~/bin/web', '-v'], 'services.web.command', ['/home/ada/bin/web', '-v']],
  ['services.web.restart', 'always', 'services.web.restart', 'always'],
  ['services.web.start', 'before_lanes', 'services.web.start', 'before_lanes'],
  ['services.web.ready', 'exit', 'services.web.ready', { by: 'exit' }],
  [
    'services.web.ready',
    { type: 'file', path: './up', within: '5s' },
    'services.web.ready',
    { by: 'file', path: '/m/up', withinMs: 5_000 },
  ],
  [
    'services.web.ready',
    { type: 'http', url: 'http://127.0.0.1:80/' },
    'services.web.ready',
    { by: 'http', url: 'http://127.0.0.1:80/', withinMs: 30_000 },
  ],
  [
    'services.web.liveness',
    { type: 'http', url: 'http://127.0.0.1:80/' },
    'services.web.liveness',
    { by: 'http', url: 'http://127.0.0.1:80/' },
  ],
  [
    'services.web.liveness',
    { type: 'exec', command: ['./ask', '-q'] },
    'services.web.liveness',
    { by: 'exec', command: ['/m/ask', '-q'] },
  ],
  ['services.web.stop_timeout', '1s', 'services.web.stopTimeoutMs', 1000],
  ['services.web.env', { PORT: '80' }, 'services.web.env', { PORT: '80' }],
  ['policy.require_approval.risk', ['medium'], 'policy.requireApproval.risk', ['medium']],
  ['policy.require_approval.task_types', ['feature'], 'policy.requireApproval.taskTypes', ['feature']],
  ['policy.max_changed_files', 9, 'policy.maxChangedFiles', 9],
  ['policy.max_changed_lines', 900, 'policy.maxChangedLines', 900],
  ['policy.tampering', 'warn', 'policy.tampering', 'warn'],
  ['policy.restore_tests', false, 'policy.restoreTests', false],
  ['limits.concurrency', 1, 'limits.concurrency', 1],
  ['limits.min_free_memory', '1.5GiB', 'limits.minFreeMemoryBytes', 1_610_612_736],
  ['limits.min_free_disk', '0B', 'limits.minFreeDiskBytes', 0],
  ['limits.max_memory', '2GiB', 'limits.maxMemoryBytes', 2 ** 31],
  ['limits.max_processes', 300, 'limits.maxProcesses', 300],
  ['limits.max_disk', '5GiB', 'limits.maxDiskBytes', 5 * 2 ** 30],
  ['repos.api.concurrency', 2, 'repos.api.concurrency', 2],
  ...['goal', 'test', 'improve'].flatMap((lane) =>
    (
      [
        ['agent', 'tape', 'agent', 'tape'],
        ['fallback', ['tape'], 'fallbacks', ['tape']],
        ['timeout', '5m', 'timeoutMs', 300_000],
        ['max_attempts', 5, 'maxAttempts', 5],
        ['retry_delay', '0s', 'retryDelayMs', 0],
      ] as const
    ).map(
      ([key, value, path, expected]) =>
        [`repos.api.lanes.${lane}.${key}`, value, `repos.api.lanes.${lane}.${path}`, expected] as const,
    ),
  ),
  ['agents.fake.concurrency', 2, 'agents.fake.concurrency', 2],
  ...[
    'budget',
    'repos.api.budget',
    'lanes.goal.budget',
    'lanes.test.budget',
    'lanes.improve.budget',
    'agents.fake.budget',
  ].flatMap(budgetKeys),
  ['breaker.window', 9, 'breaker.window', 9],
  ['breaker.min', 2, 'breaker.min', 2],
  ['breaker.threshold', 0.5, 'breaker.threshold', 0.5],
  ['breaker.stale_after', '1h', 'breaker.staleAfterMs', 3_600_000],
  ['breaker.cool_down', '5m', 'breaker.coolDownMs', 300_000],
  ['breaker.warn_below', 0.5, 'breaker.warnBelow', 0.5],
  ['timezone', 'Europe/Berlin', 'timezone', 'Europe/Berlin'],
  [
    'maintenance_windows',
    [{ from: '22:00', to: '04:00' }],
    'maintenanceWindows',
    [{ days: [], fromMinute: 1320, toMinute: 240 }],
  ],
  ['maintenance_windows.0.days', ['sat'], 'maintenanceWindows.0.days', ['sat']],
  ['maintenance_windows.0.from', '00:30', 'maintenanceWindows.0.fromMinute', 30],
  ['maintenance_windows.0.to', '24:00', 'maintenanceWindows.0.toMinute', 1440],
  ['gates.signing', 'optional', 'gates.signing', 'optional'],
  ['gates.operators.ada.ssh_key', publicKey(2), 'gates.operators.0.publicKey', publicKey(2)],
  ['gates.operators.ada', { ssh_key_file: 'ada.pub' }, 'gates.operators.0.publicKey', publicKey(3)],
  ['gates.expires_after', '1h', 'gates.expiresAfterMs', 3_600_000],
  ['supervision.heartbeat.every', '1s', 'supervision.heartbeatEveryMs', 1000],
  ['supervision.heartbeat.stale_after', '60s', 'supervision.heartbeatStaleAfterMs', 60_000],
  ['supervision.probe.every', '20s', 'supervision.probeEveryMs', 20_000],
  ['supervision.probe.answer_within', '1s', 'supervision.probeAnswerWithinMs', 1000],
  ['supervision.restart.max', 9, 'supervision.restartMax', 9],
  ['supervision.restart.within', '1h', 'supervision.restartWithinMs', 3_600_000],
  ['supervision.restart.backoff_min', '0s', 'supervision.backoffMinMs', 0],
  ['supervision.restart.backoff_max', '1m', 'supervision.backoffMaxMs', 60_000],
  ['supervision.recovery.max', 1, 'supervision.recoveryMax', 1],
  ['supervision.recovery.within', '2h', 'supervision.recoveryWithinMs', 7_200_000],
  ['supervision.orphan_timeout', '1m', 'supervision.orphanTimeoutMs', 60_000],
  ['retention.runs', '1d', 'retention.runsMs', 86_400_000],
  ['retention.journal', '1d', 'retention.journalMs', 86_400_000],
  ['retention.saved', '1d', 'retention.savedMs', 86_400_000],
  ['retention.logs', '0s', 'retention.logsMs', 0],
  ['sandbox', 'on', 'sandbox', 'on'],
  ['sandbox', { read: ['~/tools', 'data'] }, 'sandboxRead', ['/home/ada/tools', '/m/data']],
  ['until_idle.wait_for_people', '1h', 'untilIdle.waitForPeopleMs', 3_600_000],
]

/** Keys with one legal value in this version: another value must be refused. */
const FIXED: ReadonlyArray<readonly [key: string, other: unknown, said: RegExp]> = [
  ['version', 2, /write 1/],
  ['board.type', 'github', /available: local/],
  ['repos.api.forge.type', 'github', /available: local/],
]

const context = testContext({ '/m/ada.pub': publicKey(3) })

const setAt = (data: unknown, path: string, value: unknown): void => {
  const parts = path.split('.')
  const last = parts.pop() as string
  const parent = parts.reduce<Data>((inner, part) => {
    inner[part] ??= {}
    return inner[part] as Data
  }, data as Data)
  parent[last] = value
}

const getAt = (data: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, part) => (inner as Data | undefined)?.[part], data)

/** `repos.api.checks.0.name` → `repos.NAME.checks[].name` */
const schemaKey = (key: string): string =>
  key.replace(/^(repos|agents|services|gates\.operators)\.[a-z]+/, '$1.NAME').replace(/\.\d+/g, '[]')

describe('manifest keys', () => {
  const before = compiled(fullManifest(), context)

  test.each(KEYS)('%s: %j bites', (key, value, path, expected) => {
    const data = fullManifest()
    setAt(data, key, value)
    const after = compiled(data, context)
    expect(getAt(before, path)).not.toEqual(expected)
    expect(getAt(after, path)).toEqual(expected)
    if (key === 'state_dir') expect(after.hash).toBe(before.hash)
    else expect(after.hash).not.toBe(before.hash)
  })

  test.each(FIXED)('%s takes no %j', (key, other, said) => {
    const data = fullManifest()
    setAt(data, key, other)
    expect(problemsOf(data, context).join('\n')).toMatch(said)
  })

  test('the tables above know every key of the schema', () => {
    const tested = new Set<string>()
    for (const [key, value] of [...KEYS, ...FIXED]) {
      tested.add(schemaKey(key))
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        for (const name of Object.keys(value)) tested.add(`${schemaKey(key)}.${name}`)
      }
    }
    const untested = keyRows(manifestJsonSchema(['command', 'recorded'])).filter(
      ({ key }) => !tested.has(key),
    )
    expect(untested.map(({ key }) => key)).toEqual([])
  })
})
