import { EFFECT_IO, type EffectInput } from '../contracts/effect-io.ts'
import type { PullFacts, Verdict } from '../contracts/pull.ts'
import { defineEffect } from '../durable/effect.ts'
import { knownFailure } from './known-failure.ts'
import { neverHappened } from './never-happened.ts'

export interface JudgePullPorts {
  /** Asks the forge for the pull request and for where its branches are now. */
  readonly readPull: (repo: string, pullId: string, effectId: string) => Promise<PullFacts>
}

/** Reads the pull request back and computes the verdict on it. */
export const judgePullEffect = (ports: JudgePullPorts) =>
  defineEffect({
    name: 'judgePull',
    ...EFFECT_IO.judgePull,
    reconcile: neverHappened,
    perform: (context, input) =>
      knownFailure(async () => {
        const facts = await ports.readPull(input.repo, input.pullId, context.effectId)
        return { verdict: decideVerdict(facts, input), facts }
      }),
  })

/**
 * A conjunction over typed facts, first reason against it decides; no model is asked and no prose is read. It speaks of
 * the base our checks ran on: where the base has moved since, the merge's compare-and-set fails and the result of the
 * merge is checked first.
 */
export const decideVerdict = (
  facts: PullFacts,
  { commit, checks }: Pick<EffectInput<'judgePull'>, 'commit' | 'checks'>,
): Verdict => {
  const judged = { headSha: facts.headSha, baseSha: commit.baseSha, patchId: commit.patchId }
  const against = (decision: 'revise' | 'reject', reasons: string[]): Verdict => ({
    decision,
    ...judged,
    reasons,
  })
  if (facts.pull.state === 'closed') return against('reject', ['the pull request was closed'])
  if (facts.headSha !== commit.sha) {
    return against('reject', [
      `the branch is at ${facts.headSha}, but the work we checked is ${commit.sha}: somebody else pushed to it`,
    ])
  }
  if (checks.sha !== commit.sha) {
    return against('reject', [`the checks ran on ${checks.sha}, not on the head ${commit.sha}`])
  }
  const failed = checks.results.filter((result) => result.outcome !== 'passed')
  if (failed.length > 0 || !checks.passed) {
    return against('revise', [
      'checks failed on the head of the pull request',
      ...failed.map((result) => `${result.name}: ${result.outcome}${withBase(result)}\n${result.excerpt}`),
    ])
  }
  const passed = checks.results.map((result) => `${result.name}${withBase(result)}`).join(', ')
  return {
    decision: 'approve',
    ...judged,
    reasons: [passed === '' ? 'no checks are declared' : `passed: ${passed}`],
  }
}

/** Tells apart a check of the work from the same one with the tests its base has. */
const withBase = ({ restoredFrom }: { readonly restoredFrom: string | null }): string =>
  restoredFrom === null ? '' : ' (with the tests as the base has them)'
