import { describe, expect, test } from 'vitest'
import { diffManifests } from '../../src/manifest/diff-manifests.ts'
import { compiled, fullManifest, publicKey } from './compile-text.ts'

const diff = (change: Record<string, unknown>) =>
  diffManifests(compiled(fullManifest()), compiled({ ...fullManifest(), ...change }))

describe('diffManifests', () => {
  test('the same manifest: nothing', () => expect(diff({})).toEqual({ reloadable: [], forbidden: [] }))

  test.each([
    ['supervision.heartbeat.every', { supervision: { heartbeat: { every: '6s' } } }, 5000, 6000],
    ['supervision.restart.backoff_max', { supervision: { restart: { backoff_max: '6s' } } }, 300_000, 6000],
    ['supervision.restart.within', { supervision: { restart: { within: '6s' } } }, 600_000, 6000],
    ['limits.min_free_disk', { limits: { min_free_disk: '0B' } }, 1_073_741_824, 0],
    ['timezone', { timezone: 'Europe/Berlin' }, 'UTC', 'Europe/Berlin'],
    ['maintenance_windows[0].from', { maintenance_windows: [{ from: '00:30', to: '02:00' }] }, 60, 30],
  ])('reloadable: %s', (key, change, before, after) => {
    expect(diff(change)).toEqual({ reloadable: [{ key, before, after }], forbidden: [] })
  })

  test.each([
    ['name', { name: 'b' }, ['name', 'state_dir']],
    ['state_dir', { state_dir: '/b' }, ['state_dir']],
    ['policy', { policy: { max_changed_files: 5 } }, ['policy.max_changed_files']],
    ['budget', { budget: { per_day: { usd: 5 } } }, ['budget.per_day.usd']],
    ['breaker', { breaker: { min: 2 } }, ['breaker.min']],
    ['until_idle', { until_idle: { wait_for_people: '5s' } }, ['until_idle.wait_for_people']],
    ['board.import', { board: { type: 'local', import: '/t.yaml' } }, ['board.import']],
    ['recovery', { supervision: { recovery: { max: 9 } } }, ['supervision.recovery.max']],
    [
      'the budget of a lane',
      { lanes: { ...fullManifest().lanes, goal: { agent: 'fake', budget: { per_hour: { runs: 2 } } } } },
      ['lanes.goal.budget.per_hour.runs'],
    ],
    [
      'gates',
      { gates: { operators: { ada: { ssh_key: publicKey(2) } } } },
      ['gates.operators[0].public_key'],
    ],
    [
      'signing',
      { gates: { operators: { ada: { ssh_key: publicKey(1) } }, signing: 'optional' } },
      ['gates.signing'],
    ],
  ])('never reloaded: %s', (_name, change, keys) => {
    const { reloadable, forbidden } = diff(change)
    expect(reloadable).toEqual([])
    expect(forbidden.map(({ key }) => key)).toEqual(keys)
  })

  const repo = (more: Record<string, unknown>) => ({ repos: { api: { url: '/srv/api.git', ...more } } })
  const repoDiff = (before: Record<string, unknown>, after: Record<string, unknown>) => {
    const manifest = (more: Record<string, unknown>) => compiled({ ...fullManifest(), ...repo(more) })
    const { reloadable, forbidden } = diffManifests(manifest(before), manifest(after))
    return { reloadable: reloadable.map(({ key }) => key), forbidden: forbidden.map(({ key }) => key) }
  }

  test.each([
    ['tampering', 'warn'],
    ['restore_tests', false],
    ['secret_paths', ['test/**']],
    ['merge', 'auto'],
    ['allowed_paths', ['src/**']],
    ['review_paths', ['docs/**']],
    ['blocked_paths', ['lib/**']],
    ['allowed_base_branches', ['next']],
    ['setup_network', true],
    ['review', { require_explicit_approval: true }],
  ])('rules of a repository are never reloaded: %s', (key, value) => {
    const found = repoDiff({ checks: ['true'] }, { checks: ['true'], [key]: value })
    expect(found.reloadable).toEqual([])
    expect(found.forbidden).toEqual([expect.stringMatching(new RegExp(`^repos\\.api\\.${key}`))])
  })

  test('a check is reloaded, but what it may reach is not; a new one comes with its own', () => {
    const check = (name: string, network: boolean, run = 'npm test') => ({ name, run, network })
    expect(repoDiff({ checks: [check('a', false)] }, { checks: [check('a', true, 'npm run all')] })).toEqual({
      reloadable: ['repos.api.checks[0].run'],
      forbidden: ['repos.api.checks[0].network'],
    })
    expect(
      repoDiff({ checks: [check('a', false)] }, { checks: [check('b', true), check('a', true)] }),
    ).toEqual({ reloadable: ['repos.api.checks'], forbidden: ['repos.api.checks[1].network'] })
  })

  test('children that come and go are one change each, under their own names', () => {
    const { reloadable } = diff({ services: { 'my-job': { command: ['x'], env: { MyVar: '1' } } } })
    expect(reloadable.map(({ key }) => key)).toEqual(['services.web', 'services.my-job'])
    expect(reloadable[0]?.after).toBeNull()
  })

  test('a variable keeps its spelling', () => {
    const web = (env: Record<string, string>) => ({ services: { web: { command: ['web'], env } } })
    const before = compiled({ ...fullManifest(), ...web({ MyPathMs: '1' }) })
    const after = compiled({ ...fullManifest(), ...web({ MyPathMs: '2' }) })
    expect(diffManifests(before, after).reloadable).toEqual([
      { key: 'services.web.env.MyPathMs', before: '1', after: '2' },
    ])
  })
})
