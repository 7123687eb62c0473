import { expect, test } from 'vitest'
import { ProbeAnswer, ProbeChallenge, StreamHead } from '../../../src/contracts/liveness.ts'
import { type AnswerFacts, decideProbeAnswer } from '../../../supervisor/decide/decide-probe-answer.ts'

const hash = (digit: string): string => digit.repeat(64)
const head = (version: number, digit = 'a', stream = 'lane-goal'): StreamHead =>
  StreamHead.parse({ stream, version, hash: hash(digit) })
const said = { v: 1, incarnation: 'inc-one', sequence: 7, nonce: 'n'.repeat(32) }
const challenge = ProbeChallenge.parse({ ...said, expires: { wallMs: 1, monoMs: 1, bootId: 'b' } })
const answer = (change: object = {}): ProbeAnswer =>
  ProbeAnswer.parse({ ...said, head: head(3), hmac: hash('c'), ...change })

const right: AnswerFacts = {
  challenge,
  answer: answer(),
  hmacValid: true,
  expired: false,
  stream: 'lane-goal',
  versionSeen: 3,
  journalHead: head(3),
}

test.each<[string, Partial<AnswerFacts>, string, string?]>([
  ['a right answer', {}, 'accepted'],
  ['the first one: no stream known yet', { stream: null, versionSeen: 0 }, 'accepted'],
  [
    'a head that moved on while we asked',
    { answer: answer({ head: head(4) }), journalHead: head(4) },
    'accepted',
  ],
  [
    'a stream without events',
    { answer: answer({ head: head(0) }), journalHead: null, versionSeen: 0 },
    'accepted',
  ],
  ['another incarnation', { answer: answer({ incarnation: 'inc-two' }) }, 'refused', 'incarnation'],
  ['an earlier question', { answer: answer({ sequence: 6 }) }, 'refused', 'earlier'],
  ['another nonce', { answer: answer({ nonce: 'm'.repeat(32) }) }, 'refused', 'earlier'],
  ['a wrong HMAC', { hmacValid: false }, 'refused', 'HMAC'],
  ['too late', { expired: true }, 'refused', 'late'],
  [
    'another stream than before',
    { answer: answer({ head: head(3, 'a', 'lane-test') }) },
    'refused',
    'lane-test',
  ],
  [
    'a head older than what was seen',
    { answer: answer({ head: head(2) }), journalHead: head(2) },
    'refused',
    'before asking',
  ],
  ['a head the journal does not hold', { answer: answer({ head: head(4) }) }, 'refused', 'ends at 3'],
  ['a head of a stream without events', { answer: answer(), journalHead: null }, 'refused', 'ends at 0'],
  ['another hash', { journalHead: head(3, 'b') }, 'refused', 'another hash'],
  ['a race: more was committed meanwhile', { journalHead: head(5) }, 'again', 'version 5'],
])('%s', (_name, change, verdict, reason) => {
  const decided = decideProbeAnswer({ ...right, ...change })
  expect(decided.verdict).toBe(verdict)
  expect('reason' in decided ? decided.reason : '').toContain(reason ?? '')
})
