import { createHmac } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/contracts/canonical-json.ts'
import { IncarnationId } from '../../src/contracts/ids.ts'
import { ProbeChallenge, StreamHead } from '../../src/contracts/liveness.ts'
import { readJsonFile } from '../../src/platform/atomic-file.ts'
import { type StateLayout, stateLayout } from '../../src/platform/state-layout.ts'
import { createNonceProbe } from '../../supervisor/nonce-probe.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'

const SECRET = 's'.repeat(64)
const incarnation = IncarnationId.parse('inc-one')
const head = (version: number, digit = 'a'): StreamHead =>
  StreamHead.parse({ stream: 'lane-goal', version, hash: digit.repeat(64) })
const calm = { eager: false, excused: () => false }
const excused = { eager: false, excused: () => true }

let layout: StateLayout
let clock: ManualClock
let journal: StreamHead | null | 'broken'

beforeEach(() => {
  layout = stateLayout(makeTempDir('probe'))
  mkdirSync(layout.probes)
  clock = manualClock()
  journal = head(3)
})

const create = (of = incarnation) =>
  createNonceProbe({
    ...{ child: 'goal', incarnation: of, secret: SECRET, layout, clock },
    spec: { everyMs: 1_000, answerWithinMs: 100, misses: 2 },
    readHead: () => {
      if (journal === 'broken') throw new Error('database is locked')
      return journal
    },
  })

const challenge = (): ProbeChallenge => {
  const read = readJsonFile(layout.challenge('goal'), ProbeChallenge)
  if (!read.ok) throw new Error(read.message)
  return read.value
}

const answer = (change: { secret?: string; head?: StreamHead; to?: ProbeChallenge } = {}): void => {
  const { incarnation: of, sequence, nonce } = change.to ?? challenge()
  const said = { v: 1, incarnation: of, sequence, nonce, head: change.head ?? head(3) }
  const hmac = createHmac('sha256', change.secret ?? SECRET)
    .update(canonicalJson(said))
    .digest('hex')
  writeFileSync(layout.answer('goal'), JSON.stringify({ ...said, hmac }))
}

test('a right answer proves, and the next question comes a period after the last', () => {
  const probe = create()
  probe.step(calm)
  expect(challenge()).toMatchObject({ sequence: 1, incarnation })
  answer()
  expect(probe.dueMs()).toBe(clock.monoMs() + 10)
  clock.pass(10)
  probe.step(calm)
  expect(probe.provedAt?.monoMs).toBe(clock.monoMs())
  expect(probe.dueMs()).toBe(clock.monoMs() + 990)
  clock.pass(989)
  probe.step(calm)
  expect(challenge().sequence).toBe(1)
  clock.pass(1)
  probe.step(calm)
  expect(challenge().sequence).toBe(2)
})

test('silence is a miss, and asks again at once; a declared wait is no miss', () => {
  const probe = create()
  probe.step(calm)
  clock.pass(100)
  probe.step(calm)
  expect(probe.unanswered).toBe(1)
  probe.step(calm)
  expect(challenge().sequence).toBe(2)
  clock.pass(100)
  probe.step(calm)
  expect(probe.unanswered).toBe(2)
  probe.step(calm)
  clock.pass(100)
  probe.step(excused)
  expect(probe.unanswered).toBe(0)
  expect(probe.dueMs()).toBe(clock.monoMs() + 900)
})

test('an answer is looked for sooner where somebody waits for it', () => {
  const probe = create()
  probe.step({ ...calm, eager: true })
  expect(probe.dueMs() - clock.monoMs()).toBe(5)
  clock.pass(5)
  probe.step({ ...calm, eager: true })
  expect(probe.dueMs() - clock.monoMs()).toBe(5)
  clock.pass(75)
  probe.step({ ...calm, eager: true })
  expect(probe.dueMs() - clock.monoMs()).toBe(8)
})

describe('an answer that proves nothing', () => {
  test.each<[string, () => void]>([
    ['with another secret', () => answer({ secret: 'guess' })],
    ['of an earlier question', () => answer({ to: { ...challenge(), sequence: 9 } })],
    ['that is no answer', () => writeFileSync(layout.answer('goal'), '{"v":1}')],
    ['with a head that the journal does not hold', () => answer({ head: head(4) })],
    ['with another hash for that head', () => answer({ head: head(3, 'b') })],
  ])('%s counts as silence', (_name, write) => {
    const probe = create()
    probe.step(calm)
    write()
    clock.pass(50)
    probe.step(calm)
    clock.pass(50)
    probe.step(calm)
    expect(probe.provedAt).toBeNull()
    expect(probe.unanswered).toBe(1)
  })

  test('one of another life does not count either, though it was right for that one', () => {
    const before = create()
    before.step(calm)
    answer()
    const after = create(IncarnationId.parse('inc-two'))
    after.step(calm)
    clock.pass(100)
    after.step(calm)
    expect(after.provedAt).toBeNull()
    expect(challenge().sequence).toBe(2)
  })
})

test('a right answer after a wrong one still counts', () => {
  const probe = create()
  probe.step(calm)
  answer({ secret: 'guess' })
  clock.pass(10)
  probe.step(calm)
  const early = challenge()
  clock.pass(90)
  probe.step(calm)
  expect(probe.unanswered).toBe(1)
  probe.step(calm)
  expect(challenge().nonce).not.toBe(early.nonce)
  answer()
  clock.pass(10)
  probe.step(calm)
  expect(probe.unanswered).toBe(0)
})

test('on a race it asks once more, and a second race is neither proof nor miss', () => {
  const probe = create()
  probe.step(calm)
  answer({ head: head(2) })
  clock.pass(10)
  probe.step(calm)
  expect(challenge().sequence).toBe(2)
  answer({ head: head(2) })
  clock.pass(10)
  probe.step(calm)
  expect(probe).toMatchObject({ unanswered: 0, provedAt: null })
  expect(probe.dueMs()).toBe(clock.monoMs() + 990)
})

test('a head older than what was seen before asking is refused', () => {
  const probe = create()
  probe.step(calm)
  answer()
  clock.pass(10)
  probe.step(calm)
  clock.pass(990)
  probe.step(calm)
  journal = head(2)
  answer({ head: head(2) })
  clock.pass(100)
  probe.step(calm)
  expect(probe.unanswered).toBe(1)
})

test('a journal that cannot be read proves nothing, and is nobody’s miss', () => {
  journal = 'broken'
  const probe = create()
  probe.step(calm)
  answer()
  clock.pass(10)
  probe.step(calm)
  answer()
  clock.pass(10)
  probe.step(calm)
  expect(probe).toMatchObject({ unanswered: 0, provedAt: null })
})

test('after a gap of our own everything is asked anew; a closed probe leaves no files', () => {
  const probe = create()
  probe.step(calm)
  clock.pass(100)
  probe.step(calm)
  probe.startOver()
  expect(probe.unanswered).toBe(0)
  probe.step(calm)
  expect(challenge().sequence).toBe(2)
  answer()
  probe.close()
  expect(existsSync(layout.challenge('goal'))).toBe(false)
  expect(existsSync(layout.answer('goal'))).toBe(false)
})
