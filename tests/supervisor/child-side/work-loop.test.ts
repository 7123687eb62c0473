import { createHmac } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { canonicalJson } from '../../../src/contracts/canonical-json.ts'
import { Heartbeat, ProbeAnswer, type ProbeChallenge } from '../../../src/contracts/liveness.ts'
import { readJsonFile, writeJsonAtomic } from '../../../src/platform/atomic-file.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { endProcess } from '../../../src/platform/end-process.ts'
import { plusMs } from '../../../src/platform/instant-math.ts'
import { newId, randomHex } from '../../../src/platform/random.ts'
import { type RegisteredProcess, spawnRegistered } from '../../../src/platform/spawn-registered.ts'
import { stateLayout } from '../../../src/platform/state-layout.ts'
import { createBell } from '../../../supervisor/child-side/bell.ts'
import type { ChildContext } from '../../../supervisor/child-side/read-child-context.ts'
import {
  LONGEST_BUSY_MS,
  runWorkLoop,
  type TurnHands,
  type TurnReport,
  type Wake,
} from '../../../supervisor/child-side/work-loop.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { until } from '../../support/until.ts'

const SECRET = 'k'.repeat(64)
const head = { stream: 'lane-x', version: 3, hash: 'a'.repeat(64) as never }

const makeContext = (): ChildContext => {
  const layout = stateLayout(makeTempDir('loop'))
  for (const dir of [layout.heartbeats, layout.probes, layout.doorbells]) mkdirSync(dir, { recursive: true })
  return { child: 'goal', incarnation: newId('inc'), layout, secret: SECRET }
}

const challengeOf = (context: ChildContext, overrides: Partial<ProbeChallenge> = {}): ProbeChallenge => ({
  v: 1,
  incarnation: context.incarnation,
  sequence: 1,
  nonce: randomHex(32),
  expires: plusMs(systemClock.now(), 5_000),
  ...overrides,
})

const ask = (context: ChildContext, overrides: Partial<ProbeChallenge> = {}): ProbeChallenge => {
  const challenge = challengeOf(context, overrides)
  writeJsonAtomic(context.layout.challenge(context.child), challenge, { durable: false })
  return challenge
}

const answerOf = (context: ChildContext): ProbeAnswer | null => {
  const read = readJsonFile(context.layout.answer(context.child), ProbeAnswer)
  return read.ok ? read.value : null
}

const beatOf = (context: ChildContext): Heartbeat => {
  const read = readJsonFile(context.layout.heartbeat(context.child), Heartbeat)
  if (!read.ok) throw new Error(read.message)
  return read.value
}

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

describe('as a process', () => {
  const running: RegisteredProcess[] = []
  afterEach(async () => {
    for (const child of running.splice(0)) {
      await endProcess({ identity: child.identity, mark: child.intent.mark }, { graceMs: 0 })
    }
  })

  const startChild = async (): Promise<{ context: ChildContext; child: RegisteredProcess }> => {
    const context = makeContext()
    const { layout, incarnation } = context
    const secretFile = layout.probeSecret(incarnation)
    writeFileSync(secretFile, SECRET, { mode: 0o600 })
    const child = await spawnRegistered({
      role: 'lane',
      subject: context.child,
      owner: newId('inc'),
      incarnation,
      registrationsDir: layout.registrations,
      argv: [process.execPath, join(import.meta.dirname, 'loop-child.ts')],
      cwd: layout.root,
      env: {
        OC_SUPERVISE_CHILD: 'goal',
        OC_SUPERVISE_STATE: layout.root,
        OC_SUPERVISE_INCARNATION: incarnation,
      },
      stdoutFile: join(layout.root, 'log'),
      stderrFile: join(layout.root, 'log'),
      secretFile,
    })
    running.push(child)
    // The descriptor is the hand-over: the file may go.
    rmSync(secretFile)
    return { context, child }
  }

  test('it takes its secret from the descriptor, answers, and ends when asked', async () => {
    const { context, child } = await startChild()
    const { nonce } = ask(context)
    await until(() => answerOf(context)?.nonce === nonce)
    expect(answerOf(context)?.hmac).toBe(
      createHmac('sha256', SECRET)
        .update(
          canonicalJson({
            v: 1,
            incarnation: context.incarnation,
            sequence: 1,
            nonce,
            head: { stream: 'lane-goal', version: 0, hash: '0'.repeat(64) },
          }),
        )
        .digest('hex'),
    )
    process.kill(child.identity.pid, 'SIGTERM')
    expect(await child.exited).toEqual({ exitCode: 0, signal: null })
  })

  test('hung in its work it falls silent; stopped and continued it speaks again', async () => {
    const { context, child } = await startChild()
    await until(() => existsSync(context.layout.heartbeat('goal')))
    process.kill(child.identity.pid, 'SIGSTOP')
    const { nonce } = ask(context)
    const later = systemClock.monoMs() + 150
    await until(() => systemClock.monoMs() > later)
    expect(answerOf(context)).toBeNull()
    process.kill(child.identity.pid, 'SIGCONT')
    await until(() => answerOf(context)?.nonce === nonce)
    writeFileSync(context.layout.doorbell('goal'), 'hang')
    await until(() => systemClock.monoMs() - beatOf(context).at.monoMs > 500)
    expect(readFileSync(join(context.layout.root, 'log'), 'utf8')).toBe('')
  })

  test('without a supervisor it says what is missing', async () => {
    const { readChildContext } = await import('../../../supervisor/child-side/read-child-context.ts')
    expect(() => readChildContext({ OC_SUPERVISE_CHILD: 'goal' })).toThrow(
      /OC_SUPERVISE_INCARNATION, OC_SUPERVISE_STATE/,
    )
  })
})
