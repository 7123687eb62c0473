import type { KeyObject } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { RunId, Sha256 } from '../../contracts/ids.ts'
import type { JournalSource } from '../../durable/journal-source.ts'
import { type EvidenceVerification, verifyEvidence } from '../../evidence/verify-evidence.ts'
import { systemClock } from '../../platform/clock.ts'
import { sha256 } from '../../platform/sha256.ts'
import type { Finding, Verified } from './finding.ts'

/** A run's own files are replaced one by one when an attempt ends; what is read in that moment is looked at again. */
const LOOKS = 3
const LOOK_AGAIN_MS = 250

/** Verifies the evidence in one folder, of a run or of an attempt. */
export const verifyFolder = async (dir: string, name: string, publicKey: KeyObject): Promise<Verified> => {
  const found = await look(dir, publicKey)
  const findings = found.problems.map(
    ({ file, problem, message }): Finding => ({
      kind: problem,
      subject: `${name}/${file}`,
      message: `${name}: ${message}`,
    }),
  )
  const attempts = found.statement === null ? 0 : Math.max(1, found.attempts.length)
  const verdict = findings.length === 0 ? 'intact' : `NOT intact, ${findings.length} found`
  return {
    facts: { runs: [{ id: name, ok: found.ok, attempts }] },
    lines: [`${name}: ${verdict}; ${attempts} attempts`],
    findings,
  }
}

/** Verifies every run that has evidence, and that every attempt the journal calls recorded still has it. */
export const verifyRuns = async (
  runsDir: string,
  publicKey: KeyObject,
  recorded: readonly RecordedAttempt[],
): Promise<Verified> => {
  const names = existsSync(runsDir)
    ? readdirSync(runsDir).filter((name) => RunId.safeParse(name).success)
    : []
  const verified: Verified[] = []
  for (const name of names.sort()) verified.push(await verifyFolder(join(runsDir, name), name, publicKey))
  const own = verified.flatMap((each) => each.findings)
  const known = new Set(own.map(({ subject }) => subject))
  const findings = [
    ...own,
    ...recordedFindings(runsDir, recorded).filter(({ subject }) => !known.has(subject)),
  ]
  const bad = verified.filter((each) => each.findings.length > 0)
  const verdict = findings.length === 0 ? 'intact' : `NOT intact, ${findings.length} found`
  return {
    facts: { runs: verified.flatMap(({ facts }) => facts.runs as object[]) },
    lines: [
      `evidence: ${verdict}; ${names.length} runs`,
      ...bad.flatMap((each) => each.lines).map((line) => `  ${line}`),
    ],
    findings,
  }
}

/** One attempt whose evidence the journal vouches for. */
export interface RecordedAttempt {
  readonly run: string
  readonly attempt: string
  readonly attestationHash: string
}

const RECORDED = 'xstate.done.actor.recordAttempt'
const RecordedEvent = z.object({
  type: z.literal(RECORDED),
  data: z.object({ event: z.object({ output: z.object({ dir: z.string(), attestationHash: Sha256 }) }) }),
})

/** Every attempt that a journal calls recorded. Events that cannot be read are `verify`'s to report. */
export const recordedAttempts = (source: JournalSource): RecordedAttempt[] => {
  const recorded: RecordedAttempt[] = []
  for (const { bytes } of source.events()) {
    if (!bytes.includes(RECORDED)) continue
    const event = RecordedEvent.safeParse(parseJson(bytes))
    if (!event.success) continue
    const { dir, attestationHash } = event.data.data.event.output
    recorded.push({ run: basename(dirname(dir)), attempt: basename(dir), attestationHash })
  }
  return recorded
}

const recordedFindings = (runsDir: string, recorded: readonly RecordedAttempt[]): Finding[] =>
  recorded.flatMap(({ run, attempt, attestationHash }): Finding[] => {
    const subject = `${run}/${attempt}/attestation.json`
    const hash = hashOf(join(runsDir, subject))
    if (hash === attestationHash) return []
    const kind = hash === null ? 'missing' : 'altered'
    const what = hash === null ? 'is missing' : 'is another one'
    return [
      { kind, subject, message: `${subject} ${what}, though the journal vouches for ${attestationHash}` },
    ]
  })

const look = async (dir: string, publicKey: KeyObject): Promise<EvidenceVerification> => {
  for (let looks = 1; ; looks += 1) {
    const found = verifyEvidence(dir, publicKey)
    if (found.ok || looks === LOOKS) return found
    await systemClock.sleep(LOOK_AGAIN_MS)
  }
}

const hashOf = (path: string): string | null => {
  try {
    return sha256(readFileSync(path))
  } catch {
    return null
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
