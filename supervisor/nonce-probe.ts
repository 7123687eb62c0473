import { createHmac, timingSafeEqual } from 'node:crypto'
import { rmSync } from 'node:fs'
import { canonicalJson } from '../src/contracts/canonical-json.ts'
import type { ChildSpec } from '../src/contracts/child-spec.ts'
import type { IncarnationId } from '../src/contracts/ids.ts'
import type { Instant } from '../src/contracts/instant.ts'
import { ProbeAnswer, ProbeChallenge, type StreamHead } from '../src/contracts/liveness.ts'
import { readJsonFile, writeJsonAtomic } from '../src/platform/atomic-file.ts'
import type { Clock } from '../src/platform/clock.ts'
import { isDue, plusMs } from '../src/platform/instant-math.ts'
import { randomHex } from '../src/platform/random.ts'
import type { StateLayout } from '../src/platform/state-layout.ts'
import { tryWrite } from '../src/platform/try-write.ts'
import { type AnswerVerdict, decideProbeAnswer } from './decide/decide-probe-answer.ts'
import type { Probe, ProbeMood } from './probe.ts'

interface Asked {
  readonly challenge: ProbeChallenge
  readonly atMs: number
  readonly versionSeen: number
  /** The second question of one round, put because the first ran into a race. */
  readonly isAgain: boolean
}

/** How soon we look for an answer that somebody waits for, and the longest pause between two looks, in ms. */
const FIRST_LOOK_MS = 5
const LONGEST_PAUSE_MS = 25

/**
 * The nonce probe of one incarnation: a challenge file out, an answer file back. We look for answers when they matter
 * instead of watching the folder: hundreds of file events a minute would cost more than the questions themselves.
 */
export const createNonceProbe = (options: {
  readonly child: string
  readonly incarnation: IncarnationId
  readonly secret: string
  readonly spec: ChildSpec['probe']
  readonly layout: StateLayout
  readonly clock: Clock
  readonly readHead: (stream: string) => StreamHead | null
}): Probe => {
  const { layout, clock, spec } = options
  let asked: Asked | null = null
  let dueMs = clock.monoMs()
  let sequence = lastSequence(layout, options.child)
  let unanswered = 0
  let provedAt: Instant | null = null
  let stream: string | null = null
  let refusedNonce: string | null = null

  const ask = (isAgain: boolean, eager: boolean): void => {
    sequence += 1
    const challenge: ProbeChallenge = {
      v: 1,
      incarnation: options.incarnation,
      sequence,
      nonce: randomHex(32),
      expires: plusMs(clock.now(), spec.answerWithinMs),
    }
    const versionSeen = stream === null ? 0 : (headOf(stream)?.version ?? 0)
    const file = layout.challenge(options.child)
    // What the disk does not take was not asked: nobody missed it.
    if (tryWrite(() => writeJsonAtomic(file, challenge, { durable: false })) !== null) {
      close(clock.monoMs() + spec.everyMs)
      return
    }
    asked = { challenge, atMs: clock.monoMs(), versionSeen, isAgain }
    dueMs = asked.atMs + pauseMs(0, eager)
  }

  /**
   * As long again as it has waited, so that a slow answer costs little; where somebody waits, a tenth of that, so that
   * the answer is old by a tenth at most when it is seen.
   */
  const pauseMs = (waitedMs: number, eager: boolean): number => {
    const leftMs = Math.max(1, spec.answerWithinMs - waitedMs)
    if (!eager) return Math.min(leftMs, Math.max(spec.answerWithinMs / 10, waitedMs))
    return Math.min(leftMs, LONGEST_PAUSE_MS, Math.max(FIRST_LOOK_MS, waitedMs / 10))
  }

  const look = (question: Asked, mood: ProbeMood): void => {
    const read = readJsonFile(layout.answer(options.child), ProbeAnswer)
    const verdict =
      read.ok && read.value.nonce !== refusedNonce
        ? judge(question, read.value)
        : ({ verdict: 'none' } as const)
    if (verdict.verdict === 'accepted' && read.ok) {
      stream = read.value.head.stream
      provedAt = clock.now()
      unanswered = 0
      close(question.atMs + spec.everyMs)
    } else if (verdict.verdict === 'again') {
      // A second race in a row proves nothing either way: no answer, and no miss.
      if (question.isAgain) close(question.atMs + spec.everyMs)
      else ask(true, mood.eager)
    } else {
      waitOrMiss(question, mood)
    }
  }

  const waitOrMiss = (question: Asked, mood: ProbeMood): void => {
    const now = clock.now()
    if (!isDue(now, question.challenge.expires)) {
      dueMs = now.monoMs + pauseMs(now.monoMs - question.atMs, mood.eager)
      return
    }
    const isExcused = mood.excused()
    unanswered = isExcused ? 0 : unanswered + 1
    // A miss asks again at once; a child that is excused is asked at the usual pace.
    close(isExcused ? question.atMs + spec.everyMs : now.monoMs)
  }

  const judge = (question: Asked, answer: ProbeAnswer): AnswerVerdict => {
    const journalHead = headOf(answer.head.stream)
    if (journalHead === undefined) return { verdict: 'again', reason: 'the journal could not be read' }
    const verdict = decideProbeAnswer({
      challenge: question.challenge,
      answer,
      hmacValid: isHmacValid(options.secret, answer),
      // The first look after the expiry still counts what lies there: we cannot know when it was written. One that comes
      // later than that is a gap of our own.
      expired: isDue(clock.now(), plusMs(question.challenge.expires, spec.answerWithinMs)),
      stream,
      versionSeen: question.versionSeen,
      journalHead,
    })
    // A refused answer to this very question is not read again; an old one may still be replaced.
    if (verdict.verdict === 'refused' && answer.nonce === question.challenge.nonce)
      refusedNonce = answer.nonce
    return verdict
  }

  /** Undefined where the journal does not answer: that proves nothing, and is nobody's miss. */
  const headOf = (name: string): StreamHead | null | undefined => {
    try {
      return options.readHead(name)
    } catch {
      return undefined
    }
  }

  const close = (nextMs: number): void => {
    asked = null
    dueMs = nextMs
  }

  return {
    step: (mood) => {
      if (asked !== null && mood.eager) dueMs = Math.min(dueMs, clock.monoMs() + LONGEST_PAUSE_MS)
      if (clock.monoMs() < dueMs) return
      if (asked === null) ask(false, mood.eager)
      else look(asked, mood)
    },
    dueMs: () => dueMs,
    get unanswered() {
      return unanswered
    },
    get provedAt() {
      return provedAt
    },
    startOver: () => {
      unanswered = 0
      close(clock.monoMs())
    },
    close: () => {
      rmSync(layout.challenge(options.child), { force: true })
      rmSync(layout.answer(options.child), { force: true })
    },
  }
}

/** Whether an answer carries the HMAC that only this incarnation can make. */
export const isHmacValid = (secret: string, answer: ProbeAnswer): boolean => {
  const { hmac, ...said } = answer
  return timingSafeEqual(
    Buffer.from(hmac, 'hex'),
    createHmac('sha256', secret).update(canonicalJson(said)).digest(),
  )
}

/** Sequences go on across supervisors, so that an answer to the last one's question is never taken for ours. */
const lastSequence = (layout: StateLayout, child: string): number => {
  const read = readJsonFile(layout.challenge(child), ProbeChallenge)
  return read.ok ? read.value.sequence : 0
}
