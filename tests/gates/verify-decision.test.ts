import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/contracts/canonical-json.ts'
import { GateDecision, type GateOpening, GateStatement, type Operator } from '../../src/contracts/gate.ts'
import { composeDecision, composeStatement, type GateChoice } from '../../src/gates/compose-decision.ts'
import { signStatement } from '../../src/gates/sign-statement.ts'
import { CLOCK_SKEW_MS, verifyDecision } from '../../src/gates/verify-decision.ts'
import { HOUR_MS, MERGE_SUBJECT, OPENED_AT_MS, openingOf } from './support/opening.ts'
import { type KeyFolder, keyFolder } from './support/ssh-tools.ts'

const NOW_MS = OPENED_AT_MS + HOUR_MS

let keys: KeyFolder
let operators: Operator[]
let keyFiles: Record<string, string>

beforeAll(() => {
  keys = keyFolder()
  keyFiles = { ada: keys.make('ada', 'ed25519'), bob: keys.make('bob', 'ed25519') }
  operators = ['ada', 'bob'].map((name) => ({ name, publicKey: keys.publicLine(name) }))
})
afterAll(() => keys.remove())

const choiceOf = (overrides: Partial<GateChoice> = {}): GateChoice => ({
  decision: 'approved',
  by: 'ada',
  note: 'read the diff ✓',
  evidenceHashes: ['c'.repeat(64)],
  nowMs: NOW_MS,
  ...overrides,
})

/** Signs a statement with somebody's key, whatever the statement says. */
const signedBy = async (
  who: string,
  statement: GateStatement,
  note = choiceOf().note,
): Promise<GateDecision> => {
  const signed = await signStatement(statement, keyFiles[who] ?? '', null)
  if (!signed.ok) throw new Error(signed.reason)
  return { statement, note, signature: signed.signature }
}

const statementOf = (overrides: Partial<GateStatement> = {}): GateStatement => ({
  ...composeStatement(openingOf(operators), choiceOf()),
  ...overrides,
})

describe('a decision that holds', () => {
  test.each(['approved', 'rejected'] as const)('%s, signed by an operator', async (decision) => {
    const opening = openingOf(operators)
    const sign = (statement: GateStatement) => signStatement(statement, keyFiles.ada ?? '', null)
    const composed = await composeDecision(opening, choiceOf({ decision }), sign)
    expect(composed).toMatchObject({ ok: true, signed: true, decision: { statement: { decision } } })
    if (!composed.ok) return
    const travelled = GateDecision.parse(JSON.parse(JSON.stringify(composed.decision)))
    expect(verifyDecision(opening, travelled, NOW_MS)).toEqual({ valid: true, signed: true })
    expect(verifyDecision(opening, travelled, OPENED_AT_MS + 24 * HOUR_MS - 1).valid).toBe(true)
  })

  test('the real ssh-keygen accepts the same bytes', async () => {
    const decision = await signedBy('ada', statementOf())
    const bytes = Buffer.from(canonicalJson(decision.statement))
    const line = keys.publicLine('ada')
    expect(keys.verify('ada', line, 'oc-supervise-gate', bytes, decision.signature ?? '')).toBe(true)
    expect(keys.verify('ada', line, 'git', bytes, decision.signature ?? '')).toBe(false)
    expect(
      keys.verify('ada', keys.publicLine('bob'), 'oc-supervise-gate', bytes, decision.signature ?? ''),
    ).toBe(false)
  })

  test('what the real ssh-keygen signed holds', () => {
    const statement = statementOf()
    const signature = keys.sign(
      keyFiles.ada ?? '',
      'oc-supervise-gate',
      Buffer.from(canonicalJson(statement)),
    )
    const decision = { statement, note: choiceOf().note, signature }
    expect(verifyDecision(openingOf(operators), decision, NOW_MS)).toEqual({ valid: true, signed: true })
  })
})

describe('a decision that does not hold names its reason', () => {
  type Row = [string, () => Promise<GateDecision>, RegExp, Partial<GateOpening>?, number?]
  const iso = (ms: number) => new Date(ms).toISOString()

  test.each<Row>([
    [
      'another gate',
      () => signedBy('ada', statementOf({ gate: GateStatement.shape.gate.parse('gate-2') })),
      /for gate-2, not for gate-1/,
    ],
    [
      'an earlier opening',
      () => signedBy('ada', statementOf({ openNonce: 'another-nonce-here' })),
      /earlier opening/,
    ],
    [
      'other content',
      () => signedBy('ada', statementOf({ subjectHash: 'd'.repeat(64) })),
      /approves other content/,
    ],
    [
      'another kind of content',
      () => signedBy('ada', statementOf({ subjectKind: 'start' })),
      /approves other content/,
    ],
    ['another note', () => signedBy('ada', statementOf(), 'another note'), /note is not the note/],
    ['a note of broken text', () => signedBy('ada', statementOf(), '\ud800'), /note is not the note/],
    [
      'its time is over',
      () => signedBy('ada', statementOf({ issuedAt: iso(NOW_MS - 1), expiresAt: iso(NOW_MS) })),
      /expired at/,
    ],
    [
      'it ends before it begins',
      () => signedBy('ada', statementOf({ expiresAt: iso(NOW_MS - 1) })),
      /before it was issued/,
    ],
    [
      'it comes from the future',
      () => signedBy('ada', statementOf({ issuedAt: iso(NOW_MS + CLOCK_SKEW_MS + 1) })),
      /in the future/,
    ],
    [
      'its gate is over',
      () => signedBy('ada', statementOf({ expiresAt: iso(NOW_MS + 999 * HOUR_MS) })),
      /gate-1 expired/,
      {},
      OPENED_AT_MS + 24 * HOUR_MS,
    ],
    ['no operator', () => signedBy('ada', statementOf({ by: 'eve' })), /"eve" was not an operator.*ada, bob/],
    ['by another operator than it says', () => signedBy('bob', statementOf()), /not the key of "ada"/],
    [
      'unsigned where signing is required',
      async () => ({ ...(await signedBy('ada', statementOf())), signature: null }),
      /signed decisions only; sign with --key/,
    ],
    [
      'signed for another namespace',
      async () => ({
        ...(await signedBy('ada', statementOf())),
        signature: keys.sign(keyFiles.ada ?? '', 'git', Buffer.from(canonicalJson(statementOf()))),
      }),
      /made for "git"/,
    ],
    [
      'a signature that is none',
      async () => ({ ...(await signedBy('ada', statementOf())), signature: 'yes' }),
      /BEGIN SSH SIGNATURE/,
    ],
    [
      'a decision turned round after signing',
      async () => ({
        ...(await signedBy('ada', statementOf())),
        statement: statementOf({ decision: 'rejected' }),
      }),
      /does not match/,
    ],
    [
      'evidence exchanged after signing',
      async () => ({
        ...(await signedBy('ada', statementOf())),
        statement: statementOf({ evidenceHashes: [] }),
      }),
      /does not match/,
    ],
    [
      'signed where nobody can check it',
      () => signedBy('ada', statementOf()),
      /names no operator/,
      { operators: [], signing: 'optional' },
    ],
    [
      'unsigned by nobody we know, though signing is optional',
      async () => ({ ...(await signedBy('ada', statementOf({ by: 'eve' }))), signature: null }),
      /not an operator/,
      { signing: 'optional' },
    ],
    [
      'a gate whose content was exchanged',
      () => signedBy('ada', statementOf()),
      /other content/,
      { subject: { ...MERGE_SUBJECT, headSha: 'f'.repeat(40) } as typeof MERGE_SUBJECT },
    ],
    [
      'an operator whose key is no key',
      () => signedBy('ada', statementOf()),
      /key of operator "ada" cannot be used/,
      { operators: [{ name: 'ada', publicKey: 'nonsense' }] },
    ],
  ])('%s', async (_name, make, reason, gate = {}, nowMs = NOW_MS) => {
    const verdict = verifyDecision(openingOf(operators, gate), await make(), nowMs)
    expect(verdict).toEqual({ valid: false, reason: expect.stringMatching(reason) })
  })

  test('what the gate would refuse is refused when it is composed', async () => {
    const sign = (statement: GateStatement) => signStatement(statement, keyFiles.bob ?? '', null)
    expect(await composeDecision(openingOf(operators), choiceOf(), sign)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('not the key of "ada"'),
    })
    expect(await composeDecision(openingOf(operators), choiceOf(), null)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('--key'),
    })
  })
})

describe('unsigned decisions where signing is optional', () => {
  test.each([
    ['nobody is named', () => [] as Operator[]],
    ['the decider is named', () => operators],
  ])('hold when %s, and are recorded as unsigned', async (_name, who) => {
    const opening = openingOf(who(), { signing: 'optional' })
    expect(await composeDecision(opening, choiceOf(), null)).toMatchObject({ ok: true, signed: false })
  })
})

describe('one flipped bit', () => {
  const flipBit = (text: string, bit: number): string => {
    const bytes = Buffer.from(text, 'latin1')
    const index = Math.floor(bit / 8) % bytes.length
    bytes.writeUInt8((bytes[index] ?? 0) ^ (1 << (bit % 8)), index)
    return bytes.toString('latin1')
  }

  test('anywhere in the armoured signature is refused', async () => {
    const opening = openingOf(operators)
    const good = await signedBy('ada', statementOf())
    const armoured = good.signature ?? ''
    for (let bit = 0; bit < armoured.length * 8; bit++) {
      const verdict = verifyDecision(opening, { ...good, signature: flipBit(armoured, bit) }, NOW_MS)
      expect(verdict.valid, `bit ${bit}`).toBe(false)
    }
  })

  test('anywhere in the statement is refused', async () => {
    const opening = openingOf(operators)
    const good = await signedBy('ada', statementOf())
    const text = canonicalJson(good.statement)
    for (let bit = 0; bit < text.length * 8; bit++) {
      expect(holds(opening, flipBit(text, bit), good), `bit ${bit}`).toBe(false)
    }
  })

  test('anywhere in the note or the content asked about is refused', async () => {
    const good = await signedBy('ada', statementOf())
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('note', 'subject'), (bit, where) => {
        if (where === 'note') {
          const note = flipBit(good.note, bit)
          return !verifyDecision(openingOf(operators), { ...good, note }, NOW_MS).valid
        }
        const headSha = flipBit(MERGE_SUBJECT.kind === 'merge' ? MERGE_SUBJECT.headSha : '', bit)
        const subject = { ...MERGE_SUBJECT, headSha } as typeof MERGE_SUBJECT
        return !verifyDecision(openingOf(operators, { subject }), good, NOW_MS).valid
      }),
    )
  })

  /** Would the text pass as a statement, with the old signature? */
  const holds = (opening: GateOpening, text: string, good: GateDecision): boolean => {
    let data: unknown
    try {
      data = JSON.parse(text)
    } catch {
      return false
    }
    const statement = GateStatement.safeParse(data)
    if (!statement.success) return false
    return verifyDecision(opening, { ...good, statement: statement.data }, NOW_MS).valid
  }
})
