import { mkdirSync } from 'node:fs'
import { Heartbeat, ProbeAnswer, type ProbeChallenge } from '../../../src/contracts/liveness.ts'
import { readJsonFile, writeJsonAtomic } from '../../../src/platform/atomic-file.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { plusMs } from '../../../src/platform/instant-math.ts'
import { newId, randomHex } from '../../../src/platform/random.ts'
import { stateLayout } from '../../../src/platform/state-layout.ts'
import type { ChildContext } from '../../../supervisor/child-side/read-child-context.ts'
import { makeTempDir } from '../../support/temp-dir.ts'

export const SECRET = 'k'.repeat(64)

/** A fresh state folder with one child of ours, `goal`. */
export const makeContext = (): ChildContext => {
  const layout = stateLayout(makeTempDir('loop'))
  for (const dir of [layout.heartbeats, layout.probes, layout.doorbells]) mkdirSync(dir, { recursive: true })
  return { child: 'goal', incarnation: newId('inc'), layout, secret: SECRET }
}

const challengeOf = (context: ChildContext, overrides: Partial<ProbeChallenge> = {}): ProbeChallenge => ({
  v: 1,
  incarnation: context.incarnation,
  sequence: 1,
  nonce: randomHex(32),
  expires: plusMs(systemClock.now(), 5_000),
  ...overrides,
})

/** Leaves a question for the child. */
export const ask = (context: ChildContext, overrides: Partial<ProbeChallenge> = {}): ProbeChallenge => {
  const challenge = challengeOf(context, overrides)
  writeJsonAtomic(context.layout.challenge(context.child), challenge, { durable: false })
  return challenge
}

export const answerOf = (context: ChildContext): ProbeAnswer | null => {
  const read = readJsonFile(context.layout.answer(context.child), ProbeAnswer)
  return read.ok ? read.value : null
}

export const beatOf = (context: ChildContext): Heartbeat => {
  const read = readJsonFile(context.layout.heartbeat(context.child), Heartbeat)
  if (!read.ok) throw new Error(read.message)
  return read.value
}
