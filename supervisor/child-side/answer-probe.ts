import { createHmac } from 'node:crypto'
import { canonicalJson } from '../../src/contracts/canonical-json.ts'
import { type ProbeAnswer, ProbeChallenge, type StreamHead } from '../../src/contracts/liveness.ts'
import { readJsonFile, writeJsonAtomic } from '../../src/platform/atomic-file.ts'
import type { Clock } from '../../src/platform/clock.ts'
import { isDue } from '../../src/platform/instant-math.ts'
import { tryWrite } from '../../src/platform/try-write.ts'
import type { ChildContext } from './read-child-context.ts'

/** The answer to one challenge: only who holds this incarnation's secret can make it. */
const composeAnswer = (challenge: ProbeChallenge, head: StreamHead, secret: string): ProbeAnswer => {
  const { incarnation, sequence, nonce } = challenge
  const said = { v: 1 as const, incarnation, sequence, nonce, head }
  return {
    ...said,
    hmac: createHmac('sha256', secret).update(canonicalJson(said)).digest('hex') as ProbeAnswer['hmac'],
  }
}

/**
 * Makes the function that answers what is asked, if something is: called by the work loop between turns and nowhere
 * else, so that an answer proves a loop that runs. Answers each nonce once, none of another incarnation, none too late.
 */
export const createProbeAnswerer = (
  context: ChildContext,
  clock: Clock,
  head: () => StreamHead,
): (() => 'answered' | 'nothing_asked') => {
  const { child, incarnation, layout, secret } = context
  let answered: string | null = null
  return () => {
    const read = readJsonFile(layout.challenge(child), ProbeChallenge)
    if (secret === null || !read.ok) return 'nothing_asked'
    const challenge = read.value
    if (challenge.incarnation !== incarnation || challenge.nonce === answered) return 'nothing_asked'
    if (isDue(clock.now(), challenge.expires)) return 'nothing_asked'
    const answer = composeAnswer(challenge, head(), secret)
    // A disk that takes nothing ends no work: the question stands, and is answered once it can be.
    if (tryWrite(() => writeJsonAtomic(layout.answer(child), answer, { durable: false })) !== null)
      return 'nothing_asked'
    answered = challenge.nonce
    return 'answered'
  }
}
