import { describe, expect, test } from 'vitest'
import type { AgentJudgement } from '../../src/agents/agent-type.ts'
import { classifyRun } from '../../src/agents/classify.ts'
import { AgentOutcome, type ContainmentLevel, StopReason } from '../../src/contracts/agent-run.ts'
import type { FailureClass } from '../../src/contracts/failure.ts'
import type { KeeperExit } from '../../src/contracts/keeper.ts'
import { keeperExit } from './agent-fixture.ts'

const judged = (success: boolean, cause: FailureClass): AgentJudgement => ({
  success,
  failure: success ? null : { class: cause, reason: 'bad key', excerpt: null },
  usage: { inputTokens: 1, cachedInputTokens: 0, outputTokens: 2, usd: 0.1 },
  sessionId: 's-1',
  recorded: false,
  summary: null,
  retryAtMs: null,
  toolCalls: null,
})

const classify = (
  exit: KeeperExit | null,
  success: boolean,
  level: ContainmentLevel = 'swept',
  cause: FailureClass = 'tool_failure',
): AgentOutcome =>
  AgentOutcome.parse(
    classifyRun({
      exit,
      judgement: judged(success, cause),
      agent: { price: null, covered: false },
      usedBefore: null,
      version: null,
      containment: { level, sandbox: 'off' },
      startedAtMs: 5,
      endedAtMs: 9,
    }),
  )

/** Why the keeper ended its agent → what that means; the agent's own word does not matter. */
const STOPPED = [
  ['wall_clock', 'failed', 'timeout'],
  ['idle', 'failed', 'no_progress'],
  ['memory', 'failed', 'oom'],
  ['output', 'failed', 'tool_failure'],
  ['tokens', 'failed', 'context_limit'],
  ['turns', 'failed', 'no_progress'],
  ['budget', 'failed', 'quota_exhausted'],
  ['boot', 'failed', 'timeout'],
  ['tool', 'failed', 'timeout'],
  ['fuel', 'failed', 'no_progress'],
  ['processes', 'failed', 'tool_failure'],
  ['disk', 'failed', 'tool_failure'],
  ['orphaned', 'interrupted', null],
  ['requested', 'cancelled', null],
  ['shutdown', 'interrupted', null],
] as const

describe('what a run came to', () => {
  test.each(STOPPED)('stopped for %s: %s, whatever the agent says', (stopReason, ending, failure) => {
    for (const success of [true, false]) {
      const outcome = classify(keeperExit({ exitCode: success ? 0 : null, stopReason }), success)
      expect(outcome.ending).toBe(ending)
      expect(outcome.failure?.class ?? null).toBe(failure)
    }
  })

  test.each([
    ['wall_clock', 'quota_exhausted', 'quota_exhausted'],
    ['idle', 'rate_limited', 'rate_limited'],
    ['boot', 'auth', 'auth'],
    ['idle', 'model_error', 'model_error'],
    ['idle', 'tool_failure', 'no_progress'],
    ['memory', 'auth', 'oom'],
    ['budget', 'rate_limited', 'quota_exhausted'],
  ] as const)('stopped for %s while its error channel says %s: %s', (stopReason, cause, expected) => {
    const outcome = classify(keeperExit({ exitCode: null, stopReason }), false, 'swept', cause)
    expect(outcome.failure?.class).toBe(expected)
  })

  test('every stop reason has its row', () =>
    // An agent that lingers after its last word is judged by that word.
    expect([...STOPPED.map(([reason]) => reason), 'lingering'].sort()).toEqual(
      [...StopReason.options].sort(),
    ))

  test('who lingers after its last word is judged by that word', () => {
    const exit = keeperExit({ exitCode: null, signal: 'SIGKILL', stopReason: 'lingering' })
    expect(classify(exit, true).ending).toBe('completed')
    expect(classify(exit, false)).toMatchObject({ ending: 'failed', failure: { class: 'tool_failure' } })
  })

  test.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'])('%s from outside: interrupted', (signal) =>
    expect(classify(keeperExit({ exitCode: null, signal }), false)).toMatchObject({
      ending: 'interrupted',
      failure: null,
    }),
  )

  test.each(['SIGSEGV', 'SIGABRT', 'SIGBUS'])('%s is the program’s own doing', (signal) =>
    expect(classify(keeperExit({ exitCode: null, signal }), false).ending).toBe('failed'),
  )

  test('137 is a kill where a shell stands between, and an exit code where none does', () => {
    const exit = keeperExit({ exitCode: 137 })
    expect(classify(exit, false, 'namespace').ending).toBe('interrupted')
    expect(classify(exit, false, 'swept').ending).toBe('failed')
    expect(classify(keeperExit({ exitCode: 139 }), false, 'namespace').ending).toBe('failed')
  })

  test('it could not be started', () =>
    expect(classify(keeperExit({ exitCode: null, startError: 'ENOENT' }), false)).toMatchObject({
      ending: 'failed',
      failure: { class: 'infra_tooling', reason: expect.stringContaining('ENOENT') },
    }))

  test('keeper lost: completed only with a terminal success in the stream, and never with an exit code', () => {
    expect(classify(null, true)).toMatchObject({
      ending: 'completed',
      exitCode: 'UNKNOWN',
      startedAtMs: 5,
      endedAtMs: 9,
    })
    expect(classify(null, false)).toMatchObject({ ending: 'interrupted', exitCode: 'UNKNOWN', failure: null })
  })

  test.each([
    { inputTokens: 1e300, cachedInputTokens: 0, outputTokens: 1e16, usd: 1e300 },
    { inputTokens: 1, cachedInputTokens: 1e9, outputTokens: 0, usd: null },
  ])('what it claims to have used can be kept, whatever it is: %j', (usage) => {
    const price = { inputUsd: 10, cachedInputUsd: 0, outputUsd: 10 }
    const outcome = classifyRun({
      exit: keeperExit(),
      judgement: { ...judged(true, 'unknown'), usage },
      agent: { price, covered: false },
      usedBefore: null,
      version: null,
      containment: { level: 'swept', sandbox: 'off' },
      startedAtMs: 5,
      endedAtMs: 9,
    })
    expect(AgentOutcome.safeParse(outcome).success).toBe(true)
  })

  test.each([
    { told: null, usd: 20 },
    { told: 0, usd: 20 },
    { told: 3, usd: 3 },
  ])(
    'dollars it tells ($told) count, unless they are those of a model whose price it does not know',
    ({ told, usd }) => {
      const outcome = classifyRun({
        exit: keeperExit(),
        judgement: {
          ...judged(true, 'unknown'),
          usage: { inputTokens: 1e6, cachedInputTokens: 0, outputTokens: 1e6, usd: told },
        },
        agent: { price: { inputUsd: 10, cachedInputUsd: 0, outputUsd: 10 }, covered: false },
        usedBefore: null,
        version: null,
        containment: { level: 'swept', sandbox: 'off' },
        startedAtMs: 5,
        endedAtMs: 9,
      })
      expect(outcome.usage?.usd).toBe(usd)
    },
  )

  test('else the judgement decides, and its facts are kept', () => {
    expect(classify(keeperExit(), true)).toMatchObject({
      ending: 'completed',
      failure: null,
      exitCode: 0,
      startedAtMs: 1000,
      endedAtMs: 2000,
      sessionId: 's-1',
      usage: { usd: 0.1 },
    })
    expect(classify(keeperExit({ exitCode: 1 }), false)).toMatchObject({
      ending: 'failed',
      failure: { class: 'tool_failure' },
    })
    // Exit 0 after a model failure is seen with real agents: the code alone proves nothing.
    expect(classify(keeperExit({ exitCode: 0 }), false).ending).toBe('failed')
  })
})
