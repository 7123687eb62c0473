import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, test } from 'vitest'
import { IncarnationId } from '../../../src/contracts/ids.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { findMarked } from '../../../src/platform/end-process.ts'
import { identityOf, selfIdentity } from '../../../src/platform/process-identity.ts'
import { spawnRegistered } from '../../../src/platform/spawn-registered.ts'
import { type StateLayout, stateLayout } from '../../../src/platform/state-layout.ts'
import { diagnose, gatherEvidence } from '../../../supervisor/recovery/diagnose.ts'
import { doctor, runFixes } from '../../../supervisor/recovery/doctor.ts'
import { FIX_IDS } from '../../../supervisor/recovery/doctor-table.ts'
import type { FixScope } from '../../../supervisor/recovery/fixes.ts'
import { journalLockHolder } from '../../../supervisor/recovery/journal-lock.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { until } from '../../support/until.ts'

let layout: StateLayout
let scope: FixScope
const dead = IncarnationId.parse('inc-dead')
const live = IncarnationId.parse('inc-live')

beforeEach(() => {
  layout = stateLayout(makeTempDir('doctor'))
  for (const dir of [layout.probes, layout.registrations, layout.logs]) mkdirSync(dir)
  scope = { layout, child: 'web', liveIncarnation: live }
})

const writeChallenge = (child: string, incarnation: string): string => {
  const path = layout.challenge(child)
  const challenge = { v: 1, incarnation, sequence: 1, nonce: 'n'.repeat(32), expires: systemClock.now() }
  writeFileSync(path, `${JSON.stringify(challenge)}\n`)
  return path
}

/** A registered process that has started another one and is gone. */
const leaveBehind = async (subject: string): Promise<{ mark: string; dir: string }> => {
  const { intent, exited, dir } = await spawnRegistered({
    ...{
      role: 'service',
      subject,
      owner: dead,
      registrationsDir: layout.registrations,
      cwd: '/tmp',
      env: {},
    },
    argv: ['/bin/sh', '-c', 'sleep 300 & exit 0'],
    stdoutFile: layout.log(subject),
    stderrFile: layout.log(subject),
  })
  await exited
  expect(findMarked(intent.mark)).toHaveLength(1)
  return { mark: intent.mark, dir }
}

describe('fixes', () => {
  test('stale probe files go, those of the living stay, and undo brings them back', async () => {
    const stale = writeChallenge('web', dead)
    const bytes = readFileSync(stale, 'utf8')
    const [cleared] = await runFixes(['clear_stale_probe_files'], scope, { dryRun: false })
    expect(cleared).toMatchObject({ outcome: 'applied', lines: [expect.stringContaining(dead)] })
    expect(existsSync(stale)).toBe(false)
    cleared?.undo?.()
    expect(readFileSync(stale, 'utf8')).toBe(bytes)

    writeChallenge('web', live)
    expect(await runFixes(['clear_stale_probe_files'], scope, { dryRun: false })).toMatchObject([
      { outcome: 'not_needed' },
    ])
    expect(existsSync(stale)).toBe(true)
  })

  test('what a dead incarnation left is ended, that of others is not, and twice finds nothing to do', async () => {
    const ours = await leaveBehind('web')
    const theirs = await leaveBehind('other')
    expect(await runFixes(['sweep_leftovers'], scope, { dryRun: false })).toMatchObject([
      { outcome: 'applied', undo: null },
    ])
    expect(findMarked(ours.mark)).toEqual([])
    expect(existsSync(ours.dir)).toBe(false)
    expect(findMarked(theirs.mark)).toHaveLength(1)
    expect(await runFixes(['sweep_leftovers'], scope, { dryRun: false })).toMatchObject([
      { outcome: 'not_needed' },
    ])
    await runFixes(['sweep_leftovers'], { ...scope, child: null }, { dryRun: false })
    expect(findMarked(theirs.mark)).toEqual([])
  })

  test('the owner file of a dead supervisor goes, that of a living one stays', async () => {
    const owner = { v: 1, incarnation: dead, at: systemClock.now() }
    const gone = { ...selfIdentity(), startTicks: 1 }
    writeFileSync(layout.lockOwner, JSON.stringify({ ...owner, identity: selfIdentity() }))
    expect(await runFixes(['remove_stale_owner_file'], scope, { dryRun: false })).toMatchObject([
      { outcome: 'not_needed' },
    ])
    writeFileSync(layout.lockOwner, JSON.stringify({ ...owner, identity: gone }))
    const [removed] = await runFixes(['remove_stale_owner_file'], scope, { dryRun: false })
    expect(removed?.outcome).toBe('applied')
    expect(existsSync(layout.lockOwner)).toBe(false)
    removed?.undo?.()
    expect(JSON.parse(readFileSync(layout.lockOwner, 'utf8'))).toMatchObject({ identity: gone })
  })

  test('a dry run says what it would do, and does nothing', async () => {
    const stale = writeChallenge('web', dead)
    const { mark } = await leaveBehind('web')
    const outcomes = await runFixes(FIX_IDS, scope, { dryRun: true })
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['would_apply', 'would_apply', 'not_needed'])
    expect(outcomes.flatMap(({ lines }) => lines).join('\n')).toContain(String(findMarked(mark)[0]))
    expect(existsSync(stale)).toBe(true)
    await runFixes(['sweep_leftovers'], scope, { dryRun: false })
  })

  test('an unknown class and a class to be reported only try nothing', async () => {
    const stale = writeChallenge('web', dead)
    expect(await doctor('unknown', scope, { dryRun: false })).toEqual({ ok: false, outcomes: [] })
    expect(await doctor('disk_full', scope, { dryRun: false })).toEqual({ ok: false, outcomes: [] })
    expect(existsSync(stale)).toBe(true)
    expect(await doctor('silent', scope, { dryRun: false })).toMatchObject({ ok: true })
  })
})

describe('diagnose', () => {
  const input = () => ({
    ...({ child: 'web', fault: 'hung', exitCode: null, signal: null, layout } as const),
    load: { loadPerCpu: 0, loopBusy: 0, overloaded: false },
  })

  test('reads where a process is, and the end of its log', async () => {
    const stopped = spawn('/bin/sleep', ['300'], { stdio: 'ignore' })
    try {
      const identity = await until(() => identityOf(stopped.pid ?? 0))
      stopped.kill('SIGSTOP')
      writeFileSync(layout.log('web'), `${'x'.repeat(10_000)}\nlast words\n`)
      const found = await until(() => {
        const now = diagnose({ ...input(), identity })
        return now.class === 'stopped_process' ? now : null
      })
      expect(found.evidence).toContain('state: T')
      expect(found.evidence).toContain('log: last words')
      expect(gatherEvidence({ ...input(), identity }).logTail).toHaveLength(4_096)
    } finally {
      stopped.kill('SIGKILL')
    }
  })

  test('of a process that is gone it knows only what was written', () => {
    const evidence = gatherEvidence({ ...input(), identity: { ...selfIdentity(), startTicks: 1 } })
    expect(evidence).toMatchObject({ state: null, wchan: null, rssKiB: null, logTail: '' })
    expect(evidence.freeBytes).toBeGreaterThan(0)
  })
})

test('who holds the journal’s write lock is named, and nobody when it is free', async () => {
  const path = join(layout.root, 'journal.db')
  const db = new DatabaseSync(path)
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (x)')
  expect(journalLockHolder(path)).toBeNull()
  db.exec('BEGIN IMMEDIATE')
  expect(journalLockHolder(path)).toMatch(new RegExp(`^pid ${process.pid} \\(.+\\)$`))
  db.exec('COMMIT')
  expect(journalLockHolder(path)).toBeNull()
  db.close()
  expect(journalLockHolder(path)).toBeNull()
})
