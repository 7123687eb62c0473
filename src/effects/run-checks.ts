import type { noteChecks } from '../checks/check-history.ts'
import type { CheckReport } from '../contracts/checks.ts'
import { EFFECT_IO } from '../contracts/effect-io.ts'
import type { RecordStore } from '../contracts/store.ts'
import { defineEffect } from '../durable/effect.ts'
import type { CheckCommit } from './check-commit.ts'
import { knownFailure } from './known-failure.ts'
import { neverHappened } from './never-happened.ts'

export interface RunChecksPorts {
  readonly checkCommit: CheckCommit
  readonly noteChecks: typeof noteChecks
  readonly records: RecordStore
  readonly writer: string
}

/** Runs the repository's checks on the committed head; what a crash interrupted is run again. */
export const runChecksEffect = (ports: RunChecksPorts) =>
  defineEffect({
    name: 'runChecks',
    ...EFFECT_IO.runChecks,
    reconcile: neverHappened,
    perform: (context, input) =>
      knownFailure(async () => {
        const report = await ports.checkCommit({ ...input, purpose: 'head', effectId: context.effectId })
        const flaky = await ports.noteChecks(ports.records, {
          repo: input.repo,
          report,
          key: `${context.effectId}/checks`,
          nowMs: context.now.wallMs,
          writer: ports.writer,
        })
        return { ...report, results: report.results.map((result) => marked(result, flaky)) }
      }),
  })

type Result = CheckReport['results'][number]

const marked = (result: Result, flaky: ReadonlySet<string>): Result =>
  result.outcome !== 'passed' && flaky.has(result.name) ? { ...result, flaky: true } : result
