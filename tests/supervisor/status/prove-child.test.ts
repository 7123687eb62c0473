import { describe, expect, test } from 'vitest'
import type { Instant } from '../../../src/contracts/instant.ts'
import type { Heartbeat } from '../../../src/contracts/liveness.ts'
import type { IdentityProof } from '../../../src/contracts/process-identity.ts'
import { CHILD_STATES, ChildRecord } from '../../../src/contracts/status.ts'
import { proveChild } from '../../../supervisor/status/prove-child.ts'

const at = (monoMs: number): Instant => ({ wallMs: 1_000_000 + monoMs, monoMs, bootId: 'b' })
const now = at(100_000)
const alive: IdentityProof = { proof: 'alive', state: 'S' }

const record = (overrides: Partial<ChildRecord> = {}): ChildRecord =>
  ChildRecord.parse({
    id: 'goal',
    role: 'lane',
    group: 'lanes',
    wanted: 'up',
    state: 'ready',
    liveness: 'nonce',
    incarnation: 'inc-1',
    identity: { pid: 1, startTicks: 1, bootId: 'b' },
    heartbeatStaleAfterMs: 45_000,
    provedAt: at(90_000),
    restarts: 0,
    nextAt: null,
    reason: '',
    ...overrides,
  })

const beat = (overrides: Partial<Heartbeat> = {}): Heartbeat => ({
  v: 1,
  child: 'goal',
  incarnation: 'inc-1' as never,
  at: at(95_000),
  turn: 1,
  doing: 'idle',
  detail: '',
  busyUntil: null,
  progress: null,
  ...overrides,
})

const prove = (
  child: Partial<ChildRecord>,
  process: IdentityProof | null = alive,
  heartbeat: Heartbeat | null = beat(),
): string => proveChild(record(child), process, () => heartbeat, now).proof

describe('whatever its kind of liveness', () => {
  test.each([...CHILD_STATES])('wanted up and %s', (state) => {
    const wanted = { ready: 'proved', finished: 'unwanted' }[state as string] ?? 'unproven'
    expect(prove({ state })).toBe(wanted)
    expect(prove({ state, wanted: 'down' })).toBe('unwanted')
    expect(prove({ state, wanted: 'paused' })).toBe('unwanted')
  })

  test.each<[string, IdentityProof | null, string]>([
    ['gone', { proof: 'gone' }, 'gone'],
    ['never known', null, 'gone'],
    ['stopped', { proof: 'halted', state: 'T' }, 'unproven'],
    ['stopped by a debugger', { proof: 'halted', state: 't' }, 'unproven'],
    ['a zombie', { proof: 'halted', state: 'Z' }, 'gone'],
    ['dead', { proof: 'halted', state: 'X' }, 'gone'],
    ['hidden', { proof: 'unknown', reason: 'EACCES' }, 'unproven'],
  ])('a process that is %s is not fresh, whatever it said before', (_name, process, wanted) => {
    for (const liveness of ['identity', 'nonce', 'http', 'exec'] as const) {
      expect(prove({ liveness }, process)).toBe(wanted)
    }
  })
})

describe('nonce', () => {
  test.each<[string, Partial<ChildRecord>, Heartbeat | null, string]>([
    ['all fresh', {}, beat(), 'proved'],
    ['no heartbeat', {}, null, 'unproven'],
    ['a heartbeat of an earlier life', {}, beat({ incarnation: 'inc-0' as never }), 'unproven'],
    ['a stale heartbeat', {}, beat({ at: at(55_000) }), 'unproven'],
    ['a stale answer', { provedAt: at(55_000) }, beat(), 'unproven'],
    ['no answer yet', { provedAt: null }, beat(), 'unproven'],
    ['declared busy', { provedAt: at(1) }, beat({ at: at(2), busyUntil: at(200_000) }), 'proved'],
    [
      'declared busy, but overdue',
      { provedAt: at(1) },
      beat({ at: at(2), busyUntil: at(99_000) }),
      'unproven',
    ],
  ])('%s', (_name, child, heartbeat, wanted) => expect(prove(child, alive, heartbeat)).toBe(wanted))

  test('nobody is busy for more than 20 minutes', () => {
    const late = at(21 * 60_000)
    const heartbeat = beat({ at: at(0), busyUntil: at(60 * 60_000) })
    expect(proveChild(record({ provedAt: at(0) }), alive, () => heartbeat, late).proof).toBe('unproven')
  })

  test('a service’s heartbeat is only asked for where its answer is not fresh', () => {
    const asked: boolean[] = []
    const read = (): Heartbeat => {
      asked.push(true)
      return beat({ busyUntil: at(200_000) })
    }
    expect(proveChild(record({ role: 'service' }), alive, read, now).proof).toBe('proved')
    expect(asked).toEqual([])
    expect(proveChild(record({ role: 'service', provedAt: null }), alive, read, now).proof).toBe('proved')
    expect(asked).toEqual([true])
  })
})

test('identity needs no more than the process; http and exec need their answer', () => {
  expect(prove({ liveness: 'identity', provedAt: null }, alive, null)).toBe('proved')
  for (const liveness of ['http', 'exec'] as const) {
    expect(prove({ liveness }, alive, null)).toBe('proved')
    expect(prove({ liveness, provedAt: null }, alive, null)).toBe('unproven')
    expect(prove({ liveness, provedAt: at(1) }, alive, null)).toBe('unproven')
  }
})
