import type { EffectInput } from '../contracts/effect-io.ts'
import type { JsonValue } from '../contracts/json.ts'
import type { AttemptResult } from './attempt-result.ts'

type Input = EffectInput<'recordAttempt'>

/** Builds `execution_trace.json`: the attempt as a person would retell it. Everything in it follows from the record. */
export const buildExecutionTrace = (input: Input, result: AttemptResult): JsonValue => ({
  v: 1,
  runId: input.runId,
  attemptId: input.attemptId,
  headline: headlineOf(result),
  summary: summaryOf(result),
  steps: stepsOf(input, result),
  warnings: warningsOf(result),
})

/** `SUCCEEDED | claude @ goal | run-…`: one line for lists. */
export const headlineOf = (result: AttemptResult): string =>
  `${result.status.toUpperCase()} | ${result.agent?.key ?? 'no agent'} @ ${result.lane ?? 'no lane'} | ${result.runId}`

/** Two clauses at most: what came of it, and what the checks said. */
export const summaryOf = (result: AttemptResult): string => {
  const checks = result.validation
  const validation =
    checks.status === 'NOT_RUN' || checks.status === 'NO_CHECKS'
      ? []
      : [`${checks.passed} of ${checks.passed + checks.failed} checks passed`]
  return [outcomeOf(result), ...validation].join('; ')
}

const outcomeOf = ({ status, failure, changedFiles }: AttemptResult): string => {
  if (status !== 'succeeded') {
    return failure === null
      ? status.replace('_', ' ')
      : `${status.replace('_', ' ')} (${failure.class}): ${failure.reason}`
  }
  if (changedFiles.status === 'NONE') return 'succeeded without changing a file'
  return changedFiles.files === null
    ? 'succeeded; what changed is not known'
    : `changed ${changedFiles.files} file(s), +${changedFiles.linesAdded} −${changedFiles.linesRemoved}`
}

/** What happened, in order; steps that were never reached are left out. */
const stepsOf = (input: Input, result: AttemptResult): JsonValue => {
  const { decision, policy, workspace, outcome, measurement, checks, pull, failure } = input
  return [
    step('plan', decision, (it) => `${it.agent} @ ${it.lane} by rule ${it.rule}`),
    step('policy', policy, (it) => `${it.status}: ${it.summary}`),
    step('workspace', workspace, (it) => `${it.startSha} on ${it.baseBranch}`),
    step(
      'agent',
      outcome,
      (it) => `${it.ending}${it.stopReason === null ? '' : `, stopped: ${it.stopReason}`}`,
    ),
    step('measure', measurement, () => result.changedFiles.status),
    step('checks', checks, () => result.validation.status),
    step('pull', pull, (it) => `${it.state}: ${it.url}`),
    step('end', failure, (it) => `${it.class}: ${it.reason}`),
  ].flat()
}

const step = <T>(name: string, fact: T | null, tell: (fact: T) => string): JsonValue[] =>
  fact === null ? [] : [{ step: name, outcome: tell(fact) }]

const warningsOf = (result: AttemptResult): string[] =>
  WARNINGS.filter(({ when }) => when(result)).map(({ text }) => text)

const WARNINGS: ReadonlyArray<{ when: (result: AttemptResult) => boolean; text: string }> = [
  { when: (it) => it.recorded, text: 'the agent replayed a recording; no model was asked' },
  { when: (it) => it.executed && it.changedFiles.status === 'UNKNOWN', text: 'what changed is not known' },
  { when: (it) => it.success && it.changedFiles.status === 'NONE', text: 'nothing changed' },
  { when: (it) => it.success && it.validation.status === 'NOT_RUN', text: 'no check was run' },
  { when: (it) => it.success && it.validation.status === 'NO_CHECKS', text: 'the repository has no checks' },
  { when: (it) => it.exit?.code === 'UNKNOWN', text: "the agent's exit code is not known" },
  {
    when: (it) => it.containment?.level === 'swept',
    text: 'the agent ran without a namespace of its own; processes it left were ended as far as they were found',
  },
  { when: (it) => it.containment?.sandbox === 'off', text: 'the agent ran without a sandbox' },
]
