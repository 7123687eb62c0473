import type { ChildSpec } from '../src/contracts/child-spec.ts'
import type { Instant } from '../src/contracts/instant.ts'
import type { Clock } from '../src/platform/clock.ts'
import type { Probe } from './probe.ts'

/** Asks a target once; resolves with whether it answered as it should, never rejects. */
export type AskTarget = (withinMs: number) => Promise<boolean>

/** The probe of an `http` or `exec` child: one question at a time, each answer counts for the incarnation it was put to. */
export const createTargetProbe = (
  ask: AskTarget,
  spec: ChildSpec['probe'],
  clock: Clock,
  onAnswer: () => void,
): Probe => {
  let dueMs = clock.monoMs()
  let isAsking = false
  let round = 0
  let unanswered = 0
  let provedAt: Instant | null = null

  const askOnce = async (isExcused: () => boolean, isEager: boolean): Promise<void> => {
    const mine = round
    isAsking = true
    const startedMs = clock.monoMs()
    const answered = await ask(spec.answerWithinMs)
    if (mine !== round) return
    isAsking = false
    dueMs = startedMs + (isEager ? Math.min(EAGER_EVERY_MS, spec.everyMs) : spec.everyMs)
    if (answered) {
      unanswered = 0
      provedAt = clock.now()
    } else {
      unanswered = isExcused() ? 0 : unanswered + 1
    }
    onAnswer()
  }

  return {
    step: (mood) => {
      if (!isAsking && clock.monoMs() >= dueMs) void askOnce(mood.excused, mood.eager)
    },
    // While a question is out its answer wakes us.
    dueMs: () => (isAsking ? Number.POSITIVE_INFINITY : dueMs),
    get unanswered() {
      return unanswered
    },
    get provedAt() {
      return provedAt
    },
    startOver: () => {
      round += 1
      isAsking = false
      unanswered = 0
      dueMs = clock.monoMs()
    },
    close: () => {
      round += 1
    },
  }
}

/** How often a child is asked whose readiness somebody waits for, in ms. */
const EAGER_EVERY_MS = 250
