import type { ProbeAnswer, ProbeChallenge, StreamHead } from '../../src/contracts/liveness.ts'

/** What the supervisor knows when an answer comes in. */
export interface AnswerFacts {
  readonly challenge: ProbeChallenge
  readonly answer: ProbeAnswer
  /** Whether the HMAC under this incarnation's secret is right. */
  readonly hmacValid: boolean
  readonly expired: boolean
  /** The stream this incarnation answered with before; null before the first accepted answer. */
  readonly stream: string | null
  /** The highest version of that stream seen before we asked. */
  readonly versionSeen: number
  /** What we read in the journal for the answer's stream, after the answer; null when it has no events. */
  readonly journalHead: StreamHead | null
}

/** `again`: proves nothing either way (a race); `refused`: counts as no answer. */
export type AnswerVerdict =
  | { readonly verdict: 'accepted' }
  | { readonly verdict: 'again' | 'refused'; readonly reason: string }

/**
 * Whether an answer proves that this incarnation's work loop ran after we asked. An old answer, one of another life, or
 * one that names a head the journal does not hold, never counts.
 */
export const decideProbeAnswer = (facts: AnswerFacts): AnswerVerdict => {
  const { challenge, answer, journalHead } = facts
  if (answer.incarnation !== challenge.incarnation) return refused('it is of another incarnation')
  if (answer.sequence !== challenge.sequence || answer.nonce !== challenge.nonce)
    return refused('it answers an earlier question')
  if (!facts.hmacValid) return refused('its HMAC is wrong')
  if (facts.expired) return refused('it came too late')
  if (facts.stream !== null && answer.head.stream !== facts.stream)
    return refused(`it names stream ${answer.head.stream}, before it was ${facts.stream}`)
  if (answer.head.version < facts.versionSeen)
    return refused(`it names version ${answer.head.version}, but ${facts.versionSeen} was seen before asking`)
  return compareHead(answer.head, journalHead)
}

const compareHead = (said: StreamHead, read: StreamHead | null): AnswerVerdict => {
  const readVersion = read?.version ?? 0
  if (said.version > readVersion)
    return refused(`it names version ${said.version}, the journal ends at ${readVersion}`)
  if (said.version < readVersion)
    return { verdict: 'again', reason: `version ${readVersion} was committed while it answered` }
  if (read !== null && said.hash !== read.hash)
    return refused('the journal has another hash for that version')
  return { verdict: 'accepted' }
}

const refused = (reason: string): AnswerVerdict => ({ verdict: 'refused', reason })
