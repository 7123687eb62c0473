import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { verifyEvidence } from '../../src/evidence/verify-evidence.ts'
import { inputOf } from './support/sample.ts'
import { ATTEMPT_FILES, evidenceGiven, RUN_FILES } from './support/written.ts'

const given = evidenceGiven()
const { write, snapshot } = given

test('the same facts give the same bytes, in another place and when repeated', async () => {
  await write()
  const first = snapshot()
  await write()
  expect(snapshot()).toEqual(first)
  rmSync(given.place.runsDir, { recursive: true })
  await write()
  expect(snapshot()).toEqual(first)
})

test('a repeat keeps the evidence even where the journal has moved on and the streams have grown', async () => {
  const { dir, attestationHash } = await write()
  const journal = { head: null, anchorHash: '2'.repeat(64) }
  const again = await write(inputOf(), { journal, versions: { 'oc-supervise': '0.2.0' } })
  expect(again).toEqual({ dir, attestationHash })
  expect(verifyEvidence(join(given.place.runsDir, 'run-1'), given.place.signer.publicKey).ok).toBe(true)
})

describe('evidence is never overwritten', () => {
  test('not by other facts under the same attempt', async () => {
    await write()
    const before = snapshot()
    await expect(write(inputOf({ attempt: 2 }))).rejects.toThrow(
      /made from other facts.*move the folder away/,
    )
    expect(snapshot()).toEqual(before)
  })

  test('not where it was altered: the file is named', async () => {
    const { dir } = await write()
    writeFileSync(join(dir, 'checks.json'), '{}')
    await expect(write()).rejects.toThrow(/not intact \(checks.json was altered\)/)
  })
})

test('what a crash left half-written is replaced', async () => {
  const temp = join(given.place.runsDir, '.writing-att-1')
  mkdirSync(temp, { recursive: true })
  writeFileSync(join(temp, 'stray.json'), '{}')
  const { dir } = await write()
  expect(readdirSync(dir).sort()).toEqual(ATTEMPT_FILES)
})

test("a crash before the run's own files is healed by repeating", async () => {
  await write()
  const whole = snapshot()
  for (const file of RUN_FILES) rmSync(join(given.place.runsDir, 'run-1', file))
  await write()
  expect(snapshot()).toEqual(whole)
})

/** A process of its own that writes the sample's evidence, so that it can be killed in the middle. */
const writeInProcess = (failPoint: string) => {
  const order = {
    runsDir: given.place.runsDir,
    evidence: given.place.evidenceOf(inputOf()),
    privateKey: given.place.privateKeyPem,
  }
  return spawnSync(process.execPath, [join(import.meta.dirname, 'support/write-once.ts')], {
    input: JSON.stringify(order),
    encoding: 'utf8',
    env: { PATH: process.env.PATH, OC_SUPERVISE_FAILPOINT: failPoint },
  })
}

describe('killed anywhere and repeated, the evidence is the same as if nothing had happened', () => {
  test.each([
    'evidence.folder_written',
    'evidence.folder_renamed',
    'evidence.file_written#1',
    'evidence.file_written#2',
    'evidence.file_written#3',
    'evidence.file_written#4',
  ])('at %s', async (point) => {
    await write()
    const undisturbed = snapshot()
    rmSync(given.place.runsDir, { recursive: true })
    expect(writeInProcess(`${point}=kill`).signal).toBe('SIGKILL')
    expect(snapshot()).not.toEqual(undisturbed)
    expect(writeInProcess('').status).toBe(0)
    expect(snapshot()).toEqual(undisturbed)
    expect(verifyEvidence(join(given.place.runsDir, 'run-1'), given.place.signer.publicKey).problems).toEqual(
      [],
    )
  })
})
