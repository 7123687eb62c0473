import { join } from 'node:path'
import type { ProcessIdentity } from '../../contracts/process-identity.ts'
import { systemClock } from '../../platform/clock.ts'
import { killProcess } from '../../platform/kill-process.ts'
import { proveIdentity } from '../../platform/process-identity.ts'
import { readRegistrations } from '../../platform/registrations.ts'
import { stateLayout } from '../../platform/state-layout.ts'
import type { DemoStage } from '../demo/stage-demo.ts'
import { startRun } from '../demo/start-run.ts'
import type { Choices } from './seeded-choices.ts'

export interface PlayedRound {
  /** Whom, in order: `supervisor`, `lane goal`, `keeper att-goal-1` … */
  readonly killed: readonly string[]
  /** How the last run ended; null where it never came to an end. */
  readonly exit: number | null
}

const LONGEST_PAUSE_MS = 900
const LOOK_EVERY_MS = 25
const MOST_STARTS = 12
const ROUND_WITHIN_MS = 120_000

/** Runs the staged task to its end, killing `kills` random processes of the tree on the way. */
export const playRound = async (stage: DemoStage, choices: Choices, kills: number): Promise<PlayedRound> => {
  const killed: string[] = []
  const deadlineMs = systemClock.monoMs() + ROUND_WITHIN_MS
  for (let starts = 1; starts <= MOST_STARTS; starts += 1) {
    const run = await startRun(stage, join(stage.folder, `run-${starts}.log`))
    let exit: number | null | undefined
    void run.exited.then(({ exitCode }) => {
      exit = exitCode
    })
    let strikeMs = systemClock.monoMs() + choices.below(LONGEST_PAUSE_MS)
    while (exit === undefined) {
      if (systemClock.monoMs() > deadlineMs) return { killed, exit: null }
      if (killed.length < kills && systemClock.monoMs() >= strikeMs) {
        const victim = chooseVictim(stage, run.identity, choices)
        if (victim !== null && killProcess(victim.identity)) killed.push(victim.name)
        strikeMs = systemClock.monoMs() + choices.below(LONGEST_PAUSE_MS)
      }
      await systemClock.sleep(LOOK_EVERY_MS)
    }
    if (exit !== null) return { killed, exit }
  }
  return { killed, exit: null }
}

const chooseVictim = (
  stage: DemoStage,
  supervisor: ProcessIdentity,
  choices: Choices,
): { readonly name: string; readonly identity: ProcessIdentity } | null => {
  const { registrations } = stateLayout(stage.stateDir)
  const tree = readRegistrations(registrations).flatMap(({ intent, identity }) =>
    identity === null || proveIdentity(identity).proof !== 'alive'
      ? []
      : [{ name: `${intent.role} ${intent.subject}`, identity }],
  )
  const all = [{ name: 'supervisor', identity: supervisor }, ...tree]
  return all[choices.below(all.length)] ?? null
}
