import { findMarked } from '../../platform/end-process.ts'
import { readRegistrations } from '../../platform/registrations.ts'
import { openRepository } from '../../platform/repository.ts'
import { stateLayout } from '../../platform/state-layout.ts'
import type { DemoStage } from '../demo/stage-demo.ts'
import { verifyTarget } from '../verify/verify-target.ts'
import type { PlayedRound } from './play-round.ts'

/** What is not as it should be after a round, whoever was killed in it; empty where all is well. */
export const judgeRound = async (stage: DemoStage, played: PlayedRound): Promise<string[]> => {
  const problems: string[] = []
  if (played.exit !== 0) problems.push(`the run ended with ${played.exit ?? 'nothing'} instead of exit 0`)
  const { all } = await openRepository(stage.remote).log({ '--first-parent': null })
  if (all.length !== 2) problems.push(`${all.length - 1} merges instead of one`)
  const left = readRegistrations(stateLayout(stage.stateDir).registrations).flatMap(({ intent }) =>
    findMarked(intent.mark).map((pid) => `${intent.role} ${intent.subject} (pid ${pid}) still runs`),
  )
  const verified = await verifyTarget(null, { stateDir: stage.stateDir })
  if (verified.refused !== undefined) problems.push(verified.refused.message)
  return [...problems, ...left]
}
