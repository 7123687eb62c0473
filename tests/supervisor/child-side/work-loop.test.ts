import { createHmac } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../../src/contracts/canonical-json.ts'
import type { Heartbeat, ProbeChallenge } from '../../../src/contracts/liveness.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { plusMs } from '../../../src/platform/instant-math.ts'
import { newId } from '../../../src/platform/random.ts'
import { createBell } from '../../../supervisor/child-side/bell.ts'
import type { ChildContext } from '../../../supervisor/child-side/read-child-context.ts'
import {
  LONGEST_BUSY_MS,
  runWorkLoop,
  type TurnHands,
  type TurnReport,
  type Wake,
} from '../../../supervisor/child-side/work-loop.ts'
import { until } from '../../support/until.ts'
import { answerOf, ask, beatOf, makeContext, SECRET } from './loop-fixture.ts'

const head = { stream: 'lane-x', version: 3, hash: 'a'.repeat(64) as never }

const idle: TurnReport = { doing: 'idle', detail: '', progress: null, wakeInMs: null, done: false }

/** Runs a loop in this process; `stop()` rings it to its end. */
const startLoop = (
  context: ChildContext,
  turn: (wake: Wake, hands: TurnHands) => Promise<TurnReport> | TurnReport = () => idle,
  extra: { watch?: string[]; heartbeatEveryMs?: number } = {},
) => {
  const bell = createBell(systemClock)
  const wakes: Wake[] = []
  const long: number[] = []
  let stopping = false
  const ended = runWorkLoop({
    context,
    clock: systemClock,
    heartbeatEveryMs: extra.heartbeatEveryMs ?? 20,
    bell,
    watch: extra.watch ?? [],
    head: () => head,
    onLongTurn: (ms) => long.push(ms),
    turn: async (wake, hands) => {
      wakes.push(wake)
      return stopping ? { ...idle, done: true } : turn(wake, hands)
    },
  })
  const stop = async (): Promise<void> => {
    stopping = true
    bell.ring('stop')
    await ended
  }
  return { bell, wakes, long, ended, stop }
}

describe('questions', () => {
  test('an answer carries the nonce, the head and the HMAC under the secret', async () => {
    const context = makeContext()
    const challenge = ask(context)
    const loop = startLoop(context)
    const answer = await until(() => answerOf(context))
    const { hmac, ...said } = answer
    expect(said).toEqual({
      v: 1,
      incarnation: context.incarnation,
      sequence: 1,
      nonce: challenge.nonce,
      head,
    })
    expect(hmac).toBe(createHmac('sha256', SECRET).update(canonicalJson(said)).digest('hex'))
    await loop.stop()
    expect(loop.wakes).toHaveLength(2)
  })

  test('it wakes for each new question, however often the file is replaced', async () => {
    const context = makeContext()
    const loop = startLoop(context, () => idle, { heartbeatEveryMs: 60_000 })
    for (let sequence = 1; sequence <= 5; sequence++) {
      const { nonce } = ask(context, { sequence })
      await until(() => answerOf(context)?.nonce === nonce)
    }
    rmSync(context.layout.challenge('goal'))
    const { nonce } = ask(context, { sequence: 9 })
    await until(() => answerOf(context)?.nonce === nonce)
    await loop.stop()
  })

  test.each<[string, (context: ChildContext) => Partial<ProbeChallenge>]>([
    ['of another incarnation', () => ({ incarnation: newId('inc') })],
    ['that has expired', () => ({ expires: plusMs(systemClock.now(), -1) })],
  ])('a question %s is not answered', async (_name, overrides) => {
    const context = makeContext()
    ask(context, overrides(context))
    const loop = startLoop(context)
    await until(() => beatOf(context).turn > 0)
    await loop.stop()
    expect(answerOf(context)).toBeNull()
  })

  test('a half-written question is no question', async () => {
    const context = makeContext()
    writeFileSync(context.layout.challenge('goal'), '{"v":1,"incarn')
    const loop = startLoop(context)
    await until(() => beatOf(context).turn > 0)
    await loop.stop()
    expect(answerOf(context)).toBeNull()
  })
})

describe('heartbeats', () => {
  test('are stamped while it waits, and say what the last turn said', async () => {
    const context = makeContext()
    const progress = { at: systemClock.now(), events: 7 }
    const loop = startLoop(context, () => ({ ...idle, doing: 'waiting', detail: 'window\nclosed', progress }))
    const first = await until(() => beatOf(context))
    const later = await until(() => {
      const beat = beatOf(context)
      return beat.turn === 1 && beat.at.monoMs > first.at.monoMs ? beat : null
    })
    expect(later).toMatchObject({ child: 'goal', doing: 'waiting', detail: 'window closed', progress })
    await loop.stop()
  })

  test('a turn that never ends stamps nothing and answers nothing', async () => {
    const context = makeContext()
    const held = Promise.withResolvers<TurnReport>()
    const loop = startLoop(context, (wake) =>
      wake.why === 'event' && wake.sources.includes('go') ? held.promise : idle,
    )
    await until(() => beatOf(context))
    loop.bell.ring('go')
    await until(() => loop.wakes.length === 2)
    const silentSince = beatOf(context).at.monoMs
    ask(context)
    const later = systemClock.monoMs() + 150
    await until(() => systemClock.monoMs() > later)
    expect(beatOf(context).at.monoMs).toBe(silentSince)
    expect(answerOf(context)).toBeNull()
    held.resolve(idle)
    await until(() => answerOf(context))
    await loop.stop()
  })

  test('a declared long turn is stamped before it begins, and is not reported', async () => {
    const context = makeContext()
    const seen: Heartbeat[] = []
    const loop = startLoop(context, async (wake, hands) => {
      if (wake.why === 'event' && wake.sources.includes('go')) {
        hands.declareBusy(60_000, 'packing')
        seen.push(beatOf(context))
        const later = systemClock.monoMs() + 1_010
        await until(() => systemClock.monoMs() > later)
      }
      return idle
    })
    loop.bell.ring('go')
    await until(() => seen.length === 1 && beatOf(context).busyUntil === null)
    expect(seen[0]).toMatchObject({ doing: 'working', detail: 'packing' })
    expect((seen[0]?.busyUntil?.monoMs ?? 0) - (seen[0]?.at.monoMs ?? 0)).toBeCloseTo(60_000, -2)
    expect(loop.long).toEqual([])
    await loop.stop()
  })

  test('nobody may be busy for more than 20 minutes', async () => {
    const loop = startLoop(makeContext(), async (_wake, hands) => {
      hands.declareBusy(LONGEST_BUSY_MS + 1, 'for ever')
      return idle
    })
    await expect(loop.ended).rejects.toThrow(RangeError)
  })

  test('a long turn that was not declared is reported', async () => {
    const loop = startLoop(makeContext(), async () => {
      const later = systemClock.monoMs() + 1_010
      await until(() => systemClock.monoMs() > later)
      return idle
    })
    await until(() => loop.long.length === 1)
    expect(loop.long[0]).toBeGreaterThan(1_000)
    await loop.stop()
  })
})

describe('turns', () => {
  test('a ring during a turn, a doorbell and a deadline each bring one', async () => {
    const context = makeContext()
    const doorbell = context.layout.doorbell('goal')
    const loop = startLoop(
      context,
      async (wake) => {
        await null
        if (wake.why === 'event' && wake.sources.includes('start')) loop.bell.ring('inner')
        return { ...idle, wakeInMs: wake.why === 'event' && wake.sources.includes(doorbell) ? 30 : null }
      },
      { watch: [doorbell] },
    )
    await until(() => loop.wakes.length === 2)
    writeFileSync(doorbell, 'ding')
    await until(() => loop.wakes.some((wake) => wake.why === 'deadline'))
    await loop.stop()
    expect(loop.wakes.slice(0, 3)).toEqual([
      { why: 'event', sources: ['start'] },
      { why: 'event', sources: ['inner'] },
      { why: 'event', sources: [doorbell] },
    ])
  })

  test('an error in a turn ends the loop', async () => {
    const loop = startLoop(makeContext(), async () => Promise.reject(new Error('journal is gone')))
    await expect(loop.ended).rejects.toThrow('journal is gone')
  })
})
