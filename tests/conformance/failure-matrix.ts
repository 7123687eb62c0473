import type { StopReason } from '../../src/contracts/agent-run.ts'
import type { FailureClass } from '../../src/contracts/failure.ts'
import type { RealAgent } from '../support/agent-clis.ts'
import type { ScenarioName } from '../support/model-server/scenarios.ts'
import type { Ceilings } from './run-real-agent.ts'

/** How one run has to end. */
export interface Expected {
  readonly ending: 'completed' | 'failed'
  readonly class: FailureClass | null
  /** Why the keeper ended it; null where it ended by itself. */
  readonly stopReason: StopReason | null
}

/** One scenario of the model, and what each agent makes of it. */
export interface MatrixRow {
  readonly scenario: ScenarioName
  readonly ceilings?: Ceilings
  /** What the ledger reserved for it; null: no cap. */
  readonly reservedUsd?: number
  /** Whether it stands for all in the quick run: it must be over within few seconds for each. */
  readonly quick?: true
  readonly expect: Readonly<Record<RealAgent, Expected>>
  /** Who does not get to tell all that was used. */
  readonly untold?: RealAgent
  /** Where the service says when it serves again: seconds from now. */
  readonly retryInS?: Partial<Readonly<Record<RealAgent, number>>>
}

const DONE: Expected = { ending: 'completed', class: null, stopReason: null }
const fails = (failureClass: FailureClass): Expected => ({
  ending: 'failed',
  class: failureClass,
  stopReason: null,
})
const stopped = (stopReason: StopReason, failureClass: FailureClass): Expected => ({
  ending: 'failed',
  class: failureClass,
  stopReason,
})
const all = (expected: Expected): Record<RealAgent, Expected> => ({
  codex: expected,
  gemini: expected,
  pi: expected,
})

const IMPATIENT: Ceilings = { idle_timeout: '8s' }

export const MATRIX: readonly MatrixRow[] = [
  { scenario: 'edit', quick: true, expect: all(DONE) },
  { scenario: 'unauthorized', expect: all(fails('auth')) },
  { scenario: 'bad-key', expect: all(fails('auth')) },
  { scenario: 'payment', expect: all(fails('quota_exhausted')) },
  {
    // Gemini waits a minute and more before it asks again.
    scenario: 'rate-limit',
    ceilings: { idle_timeout: '12s' },
    expect: { ...all(fails('rate_limited')), gemini: stopped('idle', 'rate_limited') },
  },
  {
    // Told to wait for half an hour, codex and pi do.
    scenario: 'rate-limit-reset',
    ceilings: IMPATIENT,
    expect: {
      codex: stopped('idle', 'rate_limited'),
      gemini: fails('quota_exhausted'),
      pi: stopped('idle', 'rate_limited'),
    },
    retryInS: { gemini: 1800 },
  },
  { scenario: 'quota', expect: all(fails('quota_exhausted')) },
  { scenario: 'usage-limit', expect: all(fails('quota_exhausted')), retryInS: { codex: 3600 } },
  {
    scenario: 'server-error',
    ceilings: { idle_timeout: '12s' },
    expect: { ...all(fails('model_error')), gemini: stopped('idle', 'model_error') },
  },
  { scenario: 'flaky', expect: all(DONE) },
  { scenario: 'context', expect: all(fails('context_limit')) },
  { scenario: 'context-later', expect: all(fails('context_limit')) },
  { scenario: 'dropped', expect: all(fails('model_error')) },
  { scenario: 'hang', ceilings: IMPATIENT, expect: all(stopped('idle', 'no_progress')) },
  { scenario: 'hang-midway', ceilings: IMPATIENT, expect: all(stopped('idle', 'no_progress')) },
  {
    // Gemini finds out by itself and ends as if all were well.
    scenario: 'loop',
    ceilings: { progress_fuel: 12 },
    expect: { ...all(stopped('fuel', 'no_progress')), gemini: fails('no_progress') },
  },
  // Both are reached with the third answer.
  {
    scenario: 'too-many-tokens',
    quick: true,
    ceilings: { max_tokens: 3_000 },
    expect: all(stopped('tokens', 'context_limit')),
  },
  {
    scenario: 'too-much-money',
    ceilings: { price: { input_usd: 1, output_usd: 1 } },
    reservedUsd: 0.0025,
    expect: all(stopped('budget', 'quota_exhausted')),
  },
  { scenario: 'deaf', ceilings: { tool_timeout: '4s' }, expect: all(stopped('tool', 'timeout')) },
  { scenario: 'forked', expect: all(DONE) },
  // pi tells what an answer cost in one line with all its words; one too long to be read tells nothing.
  { scenario: 'huge-line', expect: all(DONE), untold: 'pi' },
  { scenario: 'hostile', expect: all(DONE) },
  { scenario: 'liar', expect: all(fails('quota_exhausted')) },
  { scenario: 'nothing', expect: all(fails('model_error')) },
  { scenario: 'question', expect: all(fails('awaiting_input')) },
]
