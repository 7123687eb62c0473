import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { composeDecision } from '../../src/gates/compose-decision.ts'
import { signStatement } from '../../src/gates/sign-statement.ts'
import { OPENED_AT_MS, openingOf } from './support/opening.ts'
import { type KeyFolder, keyFolder } from './support/ssh-tools.ts'

const hasJq = spawnSync('jq', ['--version']).status === 0

/** The commands that docs/gates.md tells people to verify a decision with. */
const commands = (): string => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/gates.md'), 'utf8')
  const chapter = page.split('## Verify a decision without oc-supervise')[1] ?? ''
  return /```sh\n([\s\S]*?)```/.exec(chapter)?.[1] ?? ''
}

let keys: KeyFolder
beforeAll(() => {
  keys = keyFolder()
})
afterAll(() => keys.remove())

test.skipIf(!hasJq)(
  'the documented commands accept a decision, and refuse it once it is changed',
  async () => {
    const keyFile = keys.make('ada', 'ed25519')
    const opening = openingOf([{ name: 'ada', publicKey: keys.publicLine('ada') }])
    const choice = {
      decision: 'approved',
      by: 'ada',
      note: 'grün "ja"\n',
      evidenceHashes: [],
      nowMs: OPENED_AT_MS + 1,
    } as const
    const composed = await composeDecision(opening, choice, (statement) =>
      signStatement(statement, keyFile, null),
    )
    if (!composed.ok) throw new Error(composed.reason)
    const run = (decision: object) => {
      writeFileSync(join(keys.dir, 'decision.json'), JSON.stringify(decision))
      return spawnSync('sh', ['-ec', commands()], { cwd: keys.dir, encoding: 'utf8' }).status
    }
    const { decision } = composed
    expect(run(decision)).toBe(0)
    expect(run({ ...decision, note: 'another note' })).not.toBe(0)
    expect(run({ ...decision, statement: { ...decision.statement, decision: 'rejected' } })).not.toBe(0)
  },
)
