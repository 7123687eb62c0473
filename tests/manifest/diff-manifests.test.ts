import { describe, expect, test } from 'vitest'
import { diffManifests } from '../../src/manifest/diff-manifests.ts'
import { compiled, fullManifest, publicKey } from './compile-text.ts'

const diff = (change: Record<string, unknown>) =>
  diffManifests(compiled(fullManifest()), compiled({ ...fullManifest(), ...change }))

describe('diffManifests', () => {
  test('the same manifest: nothing', () => expect(diff({})).toEqual({ reloadable: [], forbidden: [] }))

  test.each([
    ['until_idle.wait_for_people', { until_idle: { wait_for_people: '5s' } }, 0, 5000],
    ['supervision.heartbeat.every', { supervision: { heartbeat: { every: '6s' } } }, 5000, 6000],
    ['supervision.restart.backoff_max', { supervision: { restart: { backoff_max: '6s' } } }, 300_000, 6000],
    ['supervision.restart.within', { supervision: { restart: { within: '6s' } } }, 600_000, 6000],
    ['limits.min_free_disk', { limits: { min_free_disk: '0B' } }, 1_073_741_824, 0],
    ['timezone', { timezone: 'Europe/Berlin' }, 'UTC', 'Europe/Berlin'],
    ['maintenance_windows[0].from', { maintenance_windows: [{ from: '00:30', to: '02:00' }] }, 60, 30],
    ['board.import', { board: { type: 'local', import: '/t.yaml' } }, null, '/t.yaml'],
  ])('reloadable: %s', (key, change, before, after) => {
    expect(diff(change)).toEqual({ reloadable: [{ key, before, after }], forbidden: [] })
  })

  test.each([
    ['name', { name: 'b' }, ['name', 'state_dir']],
    ['state_dir', { state_dir: '/b' }, ['state_dir']],
    ['policy', { policy: { max_changed_files: 5 } }, ['policy.max_changed_files']],
    ['budget', { budget: { per_day: { usd: 5 } } }, ['budget.per_day.usd']],
    ['breaker', { breaker: { min: 2 } }, ['breaker.min']],
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
