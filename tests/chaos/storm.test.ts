import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { type Choices, seededChoices } from '../../src/cli/chaos/seeded-choices.ts'
import { type ChaosProject, makeProject } from './chaos-project.ts'
import type { Life } from './command-line.ts'
import { brokenInvariants } from './invariants.ts'
import { killAll, killOne } from './project-processes.ts'
import { runToEnd } from './run-to-end.ts'
import { AUTO, MERGED } from './scenarios.ts'
import { type Victim, victimsOf } from './victims.ts'

/** The first round's seed; every further round adds one. OC_CHAOS_SEED repeats a round as the first. */
const seed = Number(process.env.OC_CHAOS_SEED ?? randomInt(1_000_000))
const rounds = process.env.OC_CHAOS === 'full' ? 200 : 6
console.log(`storm: ${rounds} rounds from OC_CHAOS_SEED=${seed}`)

const MOST_KILLS = 4
/** An undisturbed run takes about a second. */
const LONGEST_PAUSE_MS = 700

const tally = new Map<string, number>()
afterAll(() => console.log(`storm: killed ${JSON.stringify(Object.fromEntries(tally))}`))

test.each(Array.from({ length: rounds }, (_, round) => seed + round))(
  'whoever dies whenever, the end is the same (OC_CHAOS_SEED=%i)',
  { timeout: 180_000 },
  async (ownSeed) => {
    const choices = seededChoices(ownSeed)
    const project = makeProject({ ...AUTO, works: '0.2' })
    const killed: Victim[] = []
    try {
      let left = 1 + choices.below(MOST_KILLS)
      const during = async (life: Life): Promise<void> => {
        for (const over = overOf(life); left > 0; left -= 1) {
          await Promise.race([life.ended, sleep(choices.below(LONGEST_PAUSE_MS))])
          if (over()) return
          killed.push(...strike(project, life, choices))
        }
      }
      const { exit, output } = await runToEnd(project, { mostLives: MOST_KILLS + 1, during })
      const agents = killed.filter(({ role }) => role === 'keeper' || role === 'agent').length
      const broken = await brokenInvariants(project, { ...MERGED, agentRuns: [1, 1 + agents] })
      for (const { role } of killed) tally.set(role, (tally.get(role) ?? 0) + 1)
      const story = killed.map(({ role, pid }) => `${role} ${pid}`).join(', ')
      expect([exit, ...broken], `killed ${story}\n${output}`).toEqual([0])
    } finally {
      killAll(project)
    }
  },
)

/** Kills one of the tree, or now and then all of it at once. */
const strike = (project: ChaosProject, life: Life, choices: Choices): Victim[] => {
  const living = victimsOf(project, life.pid)
  const victim = living[choices.below(living.length)]
  const struck = choices.below(10) === 0 ? living : victim === undefined ? [] : [victim]
  return struck.filter(({ pid }) => killOne(pid, 'SIGKILL'))
}

const overOf = (life: Life): (() => boolean) => {
  let isOver = false
  void life.ended.then(() => {
    isOver = true
  })
  return () => isOver
}
