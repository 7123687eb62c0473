import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { completeDecision, composeStatement } from '../../src/gates/compose-decision.ts'
import { detachedDecision } from '../../src/gates/detached-decision.ts'
import { statementBytes } from '../../src/gates/statement-bytes.ts'
import { OPENED_AT_MS, openingOf } from './support/opening.ts'
import { type KeyFolder, keyFolder } from './support/ssh-tools.ts'

let keys: KeyFolder
beforeAll(() => {
  keys = keyFolder()
  keys.make('ada', 'ed25519')
})
afterAll(() => keys.remove())

const NOW_MS = OPENED_AT_MS + 1000
const opening = () => openingOf([{ name: 'ada', publicKey: keys.publicLine('ada') }])
const note = 'looked at it on my laptop'
const statement = () =>
  composeStatement(opening(), { decision: 'approved', by: 'ada', note, evidenceHashes: [], nowMs: NOW_MS })

test('a statement file signed by hand elsewhere becomes a decision that holds', () => {
  const file = join(keys.dir, 'statement.json')
  writeFileSync(file, statementBytes(statement()))
  execFileSync('ssh-keygen', ['-Y', 'sign', '-f', join(keys.dir, 'ada'), '-n', 'oc-supervise-gate', file], {
    stdio: 'ignore',
  })
  const files = {
    statement: readFileSync(file, 'utf8'),
    signature: readFileSync(`${file}.sig`, 'utf8'),
    note,
  }
  const put = detachedDecision(files)
  expect(put.ok && completeDecision(opening(), put.decision, NOW_MS)).toMatchObject({
    ok: true,
    signed: true,
  })
})

test.each([
  ['something else', 'hello', /not one of ours/],
  ['half a statement', '{"gate":"gate-1"}', /not one of ours \(openNonce/],
  ['a newline at its end', `${statementText()}\n`, /changed after it was written/],
  ['another order of its members', JSON.stringify({ v: 1, ...JSON.parse(statementText()) }), /changed after/],
])('a statement that is %s is refused', (_name, text, reason) => {
  const put = detachedDecision({ statement: text, signature: '', note })
  expect(put).toEqual({ ok: false, reason: expect.stringMatching(reason) })
})

function statementText(): string {
  const choice = { decision: 'approved', by: 'ada', note, evidenceHashes: [], nowMs: NOW_MS } as const
  return statementBytes(composeStatement(openingOf([]), choice)).toString('utf8')
}
