import { setTimeout as sleep } from 'node:timers/promises'
import type { ChaosProject } from './chaos-project.ts'
import { type Life, startRun } from './command-line.ts'

/** Nothing here takes a second; whoever takes this long hangs. */
const LONGEST_LIFE_MS = 60_000

export interface Course {
  /** How often `run` was started. */
  readonly lives: number
  /** Exit code of the last life, the one that ended by itself. */
  readonly exit: number | null
  readonly output: string
}

/**
 * Runs `run --until-idle` until one of its lives ends by itself, starting it again whenever it was killed.
 * @param during is told of every life, and may do what it likes to it.
 * @throws Error with what it printed when a life hangs, or more than `mostLives` were needed.
 */
export const runToEnd = async (
  project: ChaosProject,
  options: {
    readonly points?: Readonly<Record<string, string>>
    readonly mostLives?: number
    readonly during?: (life: Life) => Promise<void>
  } = {},
): Promise<Course> => {
  const { points = {}, mostLives = 5, during } = options
  let output = ''
  for (let lives = 1; lives <= mostLives; lives += 1) {
    const life = startRun(project, points)
    const [ended] = await Promise.all([endOf(life), during?.(life)])
    output += `${life.output()}\n--- ${JSON.stringify(ended)}\n`
    if (ended === null) throw new Error(`a life hangs:\n${output}`)
    if (ended.signal === null) return { lives, exit: ended.exitCode, output }
  }
  throw new Error(`${mostLives} lives were not enough:\n${output}`)
}

const endOf = async (life: Life): Promise<Awaited<Life['ended']> | null> => {
  const over = new AbortController()
  const tooLong = sleep(LONGEST_LIFE_MS, null, { signal: over.signal }).catch(() => null)
  const ended = await Promise.race([life.ended, tooLong])
  over.abort()
  return ended
}
