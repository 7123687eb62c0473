import { listRuns } from '../../evidence/read-runs.ts'
import { openRepository } from '../../platform/repository.ts'
import { stateLayout } from '../../platform/state-layout.ts'
import { verifyTarget } from '../verify/verify-target.ts'
import type { DemoStage } from './stage-demo.ts'

/** Shows what a demo left: merges in the remote, evidence of every attempt, and what verifying found. True if that is nothing. */
export const showOutcome = async (stage: DemoStage, say: (text: string) => void): Promise<boolean> => {
  const layout = stateLayout(stage.stateDir)
  const { all } = await openRepository(stage.remote).log({ '--first-parent': null })
  say('\nthe remote, newest first')
  for (const { hash, message } of all) say(`  ${hash.slice(0, 10)}  ${message}`)
  say('\nevidence')
  const { runs } = listRuns(layout.runs)
  for (const run of runs) {
    for (const attempt of run.attempts)
      say(`  ${layout.runDir(run.runId)}/${attempt.attemptId}  ${attempt.summary}`)
  }
  const verified = await verifyTarget(null, { stateDir: stage.stateDir })
  say(`\n${verified.text}`)
  return verified.refused === undefined
}
