import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'vitest'
import { canonicalJson } from '../../../src/contracts/canonical-json.ts'
import type { GateDecision } from '../../../src/contracts/gate.ts'
import type { JsonValue } from '../../../src/contracts/json.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import type { System } from './system.ts'

/** Puts one folder's journal, with all that SQLite keeps beside it, in the place of another's. */
export const copyJournal = (from: string, to: string): void => {
  for (const name of readdirSync(to)) if (name.startsWith('journal.db')) rmSync(join(to, name))
  for (const name of readdirSync(from)) {
    if (name.startsWith('journal.db')) cpSync(join(from, name), join(to, name))
  }
}

/** Lets the command write the statement, changes it, and signs it with the real ssh-keygen. */
export const sign = async (
  system: System,
  gate: string,
  verb: 'approve' | 'reject',
  key: string,
  change: (statement: Record<string, unknown>) => object = (statement) => statement,
): Promise<{ statement: string; signature: string; decision: GateDecision }> => {
  const statement = join(makeTempDir('statement'), 'statement.json')
  const written = await system.oc([
    'gate',
    verb,
    gate,
    '--by',
    'ada',
    '--note',
    'read it',
    '--statement-out',
    statement,
  ])
  expect(written, written.stderr).toMatchObject({ code: 0 })
  writeFileSync(statement, canonicalJson(change(JSON.parse(readFileSync(statement, 'utf8'))) as JsonValue))
  execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-f', key, '-n', 'oc-supervise-gate', statement], {
    stdio: 'ignore',
  })
  const signature = `${statement}.sig`
  const decision = {
    statement: JSON.parse(readFileSync(statement, 'utf8')),
    note: 'read it',
    signature: readFileSync(signature, 'utf8'),
  }
  return { statement, signature, decision }
}

/** What somebody does who can write the database: a row that the gate will take for a decision. */
export const plant = (system: System, gate: string, decision: GateDecision): void => {
  const database = new DatabaseSync(system.layout.journal)
  database
    .prepare("INSERT INTO inbox (id, actor, queue, event, state) VALUES (?, ?, 'supervisor', ?, 'waiting')")
    .run(`planted/${Math.random()}`, gate, JSON.stringify({ type: 'DECISION', decision }))
  database.close()
}
