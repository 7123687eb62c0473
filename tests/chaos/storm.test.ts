import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect } from 'vitest'
import { type Choices, seededChoices } from '../../src/cli/chaos/seeded-choices.ts'
import { type ChaosProject, makeProject } from './chaos-project.ts'
import type { Life } from './command-line.ts'
import { isFull, round } from './how-much.ts'
import { brokenInvariants } from './invariants.ts'
import { discard, killAll, killOne } from './project-processes.ts'
import { runToEnd } from './run-to-end.ts'
import { AUTO, MERGED } from './scenarios.ts'
import { type Victim, victimsOf } from './victims.ts'

/** The first round's seed; every further round adds one. OC_CHAOS_SEED repeats a round as the first. */
const seed = Number(process.env.OC_CHAOS_SEED ?? randomInt(1_000_000))
const rounds = isFull ? 200 : 2
console.log(`storm: ${rounds} rounds from OC_CHAOS_SEED=${seed}`)

const MOST_KILLS = 4
const LONGEST_PAUSE_MS = 300
/** Whom a blow is meant for; drawn first, so that those who live for milliseconds get their share. */
const TARGETS = ['supervisor', 'lane', 'keeper', 'agent', 'effect', 'everybody'] as const
const tally = new Map<string, number>()
afterAll(() => console.log(`storm: killed ${JSON.stringify(Object.fromEntries(tally))}`))

round.each(Array.from({ length: rounds }, (_, at) => seed + at))(
  'whoever dies whenever, the end is the same (OC_CHAOS_SEED=%i)',
  { timeout: 180_000 },
  async (ownSeed) => {
    const choices = seededChoices(ownSeed)
    // Two at once meet at the mirror, at the base branch and in the review lane.
    const files = ownSeed % 2 === 0 ? ['made.txt'] : ['made.txt', 'more.txt']
    const project = makeProject({ ...AUTO, files, works: '0.2' })
    const killed: Victim[] = []
    try {
      let left = 1 + choices.below(MOST_KILLS)
      const during = async (life: Life): Promise<void> => {
        const isOver = overOf(life)
        for (; left > 0 && !isOver(); left -= 1)
          killed.push(...(await strike(project, life, choices, isOver)))
      }
      const { exit, output } = await runToEnd(project, { mostLives: MOST_KILLS + 1, during })
      for (const { role } of killed) tally.set(role, (tally.get(role) ?? 0) + 1)
      const agents = killed.filter(({ role }) => role === 'keeper' || role === 'agent').length
      const broken = await brokenInvariants(project, {
        ...MERGED,
        files,
        agentRuns: [files.length, files.length + agents],
      })
      const story = killed.map(({ role, pid }) => `${role} ${pid}`).join(', ')
      expect([exit, ...broken], `killed ${story}\n${output}`).toEqual([0])
    } finally {
      discard(project)
    }
  },
)

/** Waits a moment, then for somebody of the drawn kind to live, and kills one of them, or all there is at once. */
const strike = async (
  project: ChaosProject,
  life: Life,
  choices: Choices,
  isOver: () => boolean,
): Promise<Victim[]> => {
  const target = TARGETS[choices.below(TARGETS.length)]
  const which = choices.below(1_000)
  await Promise.race([life.ended, sleep(choices.below(LONGEST_PAUSE_MS))])
  for (const deadlineMs = performance.now() + 3_000; !isOver() && performance.now() < deadlineMs; ) {
    const living = victimsOf(project, life.pid)
    if (target === 'everybody') {
      killAll(project)
      return living
    }
    const meant = living.filter(({ role }) => role === target)
    const victim = meant[which % Math.max(1, meant.length)]
    if (victim !== undefined && killOne(victim.pid, 'SIGKILL')) return [victim]
    await sleep(5)
  }
  return []
}

const overOf = (life: Life): (() => boolean) => {
  let isOver = false
  void life.ended.then(() => {
    isOver = true
  })
  return () => isOver
}
