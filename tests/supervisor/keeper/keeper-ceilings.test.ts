import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { KeeperSpec } from '../../../src/contracts/keeper.ts'
import { type MeteredUsage, MeterFile, MeterRule } from '../../../src/contracts/meter.ts'
import { findMarked } from '../../../src/platform/end-process.ts'
import { keeperFiles } from '../../../supervisor/keeper/keeper-files.ts'
import { makeSpec, readText, runToEnd } from './keeper-fixture.ts'

/** Until it has written, an agent is not idle yet: on a busy machine it may take any time to start. */
const BOOT_MS = 60_000

describe('ceilings', () => {
  test('wall clock', async () => {
    const { exit } = await runToEnd(
      makeSpec('while :; do echo tick; sleep 0.02; done', {
        limits: { wallClockMs: 400, idleMs: 300, bootMs: BOOT_MS },
      }),
    )
    expect(exit).toMatchObject({ stopReason: 'wall_clock', signal: 'SIGTERM' })
  })

  test('idle: quiet for too long, after having written', async () => {
    const { exit } = await runToEnd(
      makeSpec('echo once; sleep 300', { limits: { idleMs: 300, bootMs: BOOT_MS } }),
    )
    expect(exit).toMatchObject({ stopReason: 'idle', stdoutBytes: 5 })
  })

  test('what it writes once it is being stopped is told apart', async () => {
    const { exit } = await runToEnd(
      makeSpec('trap "echo broken off; exit 1" TERM; echo once; while :; do sleep 0.05; done', {
        limits: { idleMs: 300, bootMs: BOOT_MS },
      }),
    )
    expect(exit).toMatchObject({
      stopReason: 'idle',
      saidAtStop: { stdoutBytes: 5, stderrBytes: 0 },
      stdoutBytes: 16,
    })
  })

  test('who ends by itself was not stopped', async () => {
    const { exit } = await runToEnd(makeSpec('echo once', {}))
    expect(exit).toMatchObject({ stopReason: null, saidAtStop: null })
  })

  test('output', async () => {
    const { exit } = await runToEnd(
      makeSpec('while :; do echo yes; done', { limits: { outputBytes: 10_000 } }),
    )
    expect(exit.stopReason).toBe('output')
  })
})

/** Rules for `say`: one event a line. */
const meter = {
  rules: [
    { when: { t: 'turn' }, turn: true, usage: { input: ['in'], output: ['out'], usd: 'usd' } },
    { when: { t: 'tool' }, tool: { at: 'end' as const, id: null, novelty: ['r'] } },
    { when: { t: 'start' }, tool: { at: 'start' as const, id: 'id', novelty: [] } },
    { when: { t: 'done' }, terminal: 'success' as const },
  ].map((rule) => MeterRule.parse(rule)),
  price: null,
  files: [],
  usedBefore: null,
}
const say = (event: unknown): string => `echo '${JSON.stringify(event)}'`
const STAY = 'while :; do sleep 0.05; done'

describe('ceilings on what the agent says', () => {
  const turn = say({ t: 'turn', in: 600, out: 100, usd: 0.4 })
  test.each([
    ['tokens', { tokens: 1000 }, `${turn}; ${turn}; ${STAY}`],
    ['budget', { usd: 0.5 }, `${turn}; ${turn}; ${STAY}`],
    ['turns', { turns: 1 }, `${turn}; ${turn}; ${STAY}`],
    ['fuel', { fuel: 2 }, `while :; do ${say({ t: 'tool', r: 'same' })}; sleep 0.02; done`],
    ['tool', { toolMs: 300 }, `${say({ t: 'start', id: 'a' })}; ${STAY}`],
    ['lingering', { afterTerminalMs: 300 }, `${say({ t: 'done' })}; ${STAY}`],
    ['boot', { bootMs: 300 }, STAY],
  ] as const)('%s', async (reason, limits, script) => {
    const made = makeSpec(script, { limits: { ...limits } })
    const { exit } = await runToEnd({ ...made, spec: { ...made.spec, meter } })
    expect(exit.stopReason).toBe(reason)
  })

  test('what stays under them is counted to its last line and not stopped', async () => {
    const made = makeSpec(`${turn}; ${say({ t: 'tool', r: 'x' })}; ${say({ t: 'done' })}`, {
      limits: { tokens: 1000, usd: 0.5, turns: 1, fuel: 2, bootMs: 60_000 },
    })
    const { exit } = await runToEnd({ ...made, spec: { ...made.spec, meter } })
    expect(exit).toMatchObject({
      stopReason: null,
      reading: { inputTokens: 600, outputTokens: 100, usd: 0.4, turns: 1, toolCalls: 1, terminal: 'success' },
    })
  })

  test('while a tool runs, silence is not idleness', async () => {
    const made = makeSpec(`${say({ t: 'start', id: 'a' })}; sleep 1; exit 4`, {
      limits: { idleMs: 200, bootMs: BOOT_MS },
    })
    const { exit } = await runToEnd({ ...made, spec: { ...made.spec, meter } })
    expect(exit).toMatchObject({ exitCode: 4, stopReason: null })
  })
})

describe('ceilings on what the agent writes in its HOME', () => {
  const files = [
    MeterFile.parse({
      folder: '.tool/logs',
      prefix: 'log-',
      suffix: '.jsonl',
      when: { t: 'answer' },
      usage: { input: ['in'], output: ['out'] },
      answer: ['id'],
    }),
  ]
  const answer = (id: number) => JSON.stringify({ t: 'answer', id, in: 600, out: 100 })
  const inHome = (script: string, limits: Partial<KeeperSpec['limits']>, usedBefore: MeteredUsage | null) => {
    const made = makeSpec(script, { limits })
    const HOME = join(made.layout.workspaces, 'home')
    mkdirSync(join(HOME, '.tool/logs'), { recursive: true })
    writeFileSync(join(HOME, '.tool/logs/log-old.jsonl'), `${answer(0)}\n${answer(1)}\n`)
    const agent = { ...made.spec.agent, env: { ...made.spec.agent.env, HOME } }
    return { ...made, spec: { ...made.spec, agent, meter: { ...meter, files, usedBefore } } }
  }
  const LOG = 'log=$HOME/.tool/logs/log-new.jsonl'

  test('it is stopped in flight, by what no line of its stream has told', async () => {
    const script = `${LOG}; echo '${answer(2)}' >>$log; echo '${answer(3)}' >>$log; ${STAY}`
    const { exit } = await runToEnd(inHome(script, { tokens: 1000 }, null))
    expect(exit).toMatchObject({ stopReason: 'tokens', reading: { inputTokens: 1200, outputTokens: 200 } })
  })

  test('what earlier attempts used up, in its files and its stream, is not charged to this one', async () => {
    const before = { inputTokens: 1200, cachedInputTokens: 0, outputTokens: 200, usd: 0 }
    const script = `echo '${answer(2)}' >>$HOME/.tool/logs/log-old.jsonl; ${say({ t: 'done' })}`
    const { exit } = await runToEnd(inHome(script, { tokens: 2_400 }, before))
    expect(exit).toMatchObject({ stopReason: null, reading: { inputTokens: 1800, outputTokens: 300 } })
  })

  test.each([
    ['copies into another file', `cp $HOME/.tool/logs/log-old.jsonl $log; echo '${answer(2)}' >>$log`],
    ['writes anew', `cd $HOME/.tool/logs; cp log-old.jsonl x; echo '${answer(2)}' >>x; mv x log-old.jsonl`],
  ])('nor is what it %s (regression: it counted again)', async (_how, script) => {
    const before = { inputTokens: 1200, cachedInputTokens: 0, outputTokens: 200, usd: 0 }
    const { exit } = await runToEnd(inHome(`${LOG}; ${script}`, { tokens: 2_400 }, before))
    expect(exit).toMatchObject({ stopReason: null, reading: { inputTokens: 1800, outputTokens: 300 } })
  })

  test('the stop comes with the turn it is in, not with the next regular look', async () => {
    const turn = `i=$((i+1)); echo '{"t":"answer","id":'$i',"in":600,"out":100}' >>$log; echo turn; sleep 0.1`
    const turns: number[] = []
    // The best of three: on a busy machine any one may come late, at looks of a second all would.
    for (let run = 0; run < 3; run += 1) {
      const { exit } = await runToEnd(
        inHome(`${LOG}; i=0; while :; do ${turn}; done`, { tokens: 2_000 }, null),
      )
      expect(exit.stopReason).toBe('tokens')
      turns.push((exit.reading?.inputTokens ?? 0) / 600)
    }
    // The third is the first beyond it; one more may be in flight.
    expect(Math.min(...turns)).toBeLessThanOrEqual(4)
  })

  test('a HOME full of traps neither holds it up nor fails it', { timeout: 20_000 }, async () => {
    const script = [
      'cd $HOME/.tool/logs',
      'mkfifo log-pipe.jsonl',
      'ln -s /dev/zero log-zero.jsonl',
      'ln -s log-loop.jsonl log-loop.jsonl',
      'mkdir log-folder.jsonl; ln -s .. log-folder.jsonl/up',
      'truncate -s 1T log-huge.jsonl',
      `echo '{"t":"answer","id":9,"in":1e999,"out":-1}' >log-forged.jsonl`,
      say({ t: 'turn', in: 5, out: 5 }),
      'sleep 1.5; exit 3',
    ].join('\n')
    const { dir, exit } = await runToEnd(inHome(script, { tokens: 1_000 }, null))
    expect(exit).toMatchObject({
      exitCode: 3,
      stopReason: null,
      reading: { inputTokens: 5, outputTokens: 5 },
    })
    expect(readText(keeperFiles(dir).log)).toBe('')
  })
})

describe('ceilings on what the agent takes', () => {
  test('processes', async () => {
    const made = makeSpec(`for i in 1 2 3 4 5 6; do sleep 300 & done; ${STAY}`, { limits: { processes: 5 } })
    expect((await runToEnd(made)).exit.stopReason).toBe('processes')
    expect(findMarked(made.spec.mark)).toEqual([])
  })

  test('disk: growth of the measured folders', { timeout: 30_000 }, async () => {
    const made = makeSpec(`head -c 3000000 /dev/urandom > big; ${STAY}`, { limits: { diskBytes: 1_000_000 } })
    const spec = { ...made.spec, measured: [made.spec.agent.cwd] }
    expect((await runToEnd({ ...made, spec })).exit.stopReason).toBe('disk')
  })
})
