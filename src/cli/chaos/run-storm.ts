import { rmSync } from 'node:fs'
import { systemClock } from '../../platform/clock.ts'
import { randomHex } from '../../platform/random.ts'
import { stageDemo } from '../demo/stage-demo.ts'
import { judgeRound } from './judge-round.ts'
import { playRound } from './play-round.ts'
import { seededChoices } from './seeded-choices.ts'

/** Plays a storm round by round and prints each; a failed round's folder is kept. */
export const runStorm = async (options: {
  readonly rounds: number
  readonly kills: number
  readonly seed: number | null
}): Promise<{ readonly failed: number; readonly seed: number }> => {
  const seed = options.seed ?? Number.parseInt(randomHex(3), 16) % 1_000_000
  const say = (text: string): void => void process.stdout.write(`${text}\n`)
  say(`storm of ${options.rounds} rounds, seed ${seed}`)
  let failed = 0
  for (let round = 1; round <= options.rounds; round += 1) {
    const startedMs = systemClock.monoMs()
    const stage = stageDemo({ goal: 'Write a tiny artefact', blocked: false, folder: null })
    const played = await playRound(stage, seededChoices(seed + round), options.kills)
    const problems = await judgeRound(stage, played)
    const seconds = ((systemClock.monoMs() - startedMs) / 1000).toFixed(1)
    say(
      `round ${round}: killed ${played.killed.join(', ') || 'nobody'}; ${seconds} s; ${problems[0] ?? 'as it should be'}`,
    )
    if (problems.length === 0) rmSync(stage.folder, { recursive: true, force: true })
    else {
      failed += 1
      for (const problem of problems.slice(1)) say(`  ${problem}`)
      say(`  kept: ${stage.folder}`)
    }
  }
  say(`${options.rounds - failed} of ${options.rounds} rounds ended as they should`)
  return { failed, seed }
}
