import type { KeyObject } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { RunId, Sha256 } from '../../contracts/ids.ts'
import { AnchorDraft } from '../../durable/anchor.ts'
import { JANITOR_STREAM } from '../../durable/journal-cut.ts'
import type { JournalSource } from '../../durable/journal-source.ts'
import { EVIDENCE_DROPPED, EvidenceDropped } from '../../evidence/evidence-dropped.ts'
import { type EvidenceVerification, verifyEvidence } from '../../evidence/verify-evidence.ts'
import { systemClock } from '../../platform/clock.ts'
import { sha256 } from '../../platform/sha256.ts'
import type { Finding, Verified } from './finding.ts'

/** A run's own files are replaced one by one when an attempt ends; what is read in that moment is looked at again. */
const LOOKS = 3
const LOOK_AGAIN_MS = 250

/** Verifies the evidence in one folder, of a run or of an attempt. */
export const verifyFolder = async (dir: string, name: string, publicKey: KeyObject): Promise<Verified> =>
  verifiedOf(await look(dir, publicKey), name)

/**
 * Verifies every run that has evidence; with its journal both against each other: every attempt that the journal calls
 * recorded still has its evidence, and every event and anchor that an attestation names is still in the journal.
 */
export const verifyRuns = async (
  runsDir: string,
  publicKey: KeyObject,
  openJournal: (() => JournalSource) | null,
): Promise<Verified> => {
  const names = existsSync(runsDir)
    ? readdirSync(runsDir).filter((name) => RunId.safeParse(name).success)
    : []
  const verified: Verified[] = []
  const origins: Origin[] = []
  for (const name of names.sort()) {
    const found = await look(join(runsDir, name), publicKey)
    verified.push(verifiedOf(found, name))
    origins.push(...originsOf(found, name))
  }
  const own = verified.flatMap((each) => each.findings)
  const findings = [...own, ...(openJournal === null ? [] : against(openJournal, runsDir, origins, own))]
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

const verifiedOf = (found: EvidenceVerification, name: string): Verified => {
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

/** Where the journal stood when evidence was written, by the evidence's own signed word. */
interface Origin {
  readonly subject: string
  /** Hashes of the event and the anchor it names. */
  readonly hashes: readonly string[]
}

const originsOf = ({ statement, attempts }: EvidenceVerification, run: string): Origin[] =>
  [statement, ...attempts].flatMap((each) => {
    if (each === null) return []
    const { journal, anchor } = each.predicate
    const folder = 'attempt' in each.predicate ? `${run}/${each.predicate.attempt}` : run
    const hashes = [journal?.hash, anchor].filter((hash) => typeof hash === 'string')
    return [{ subject: `${folder}/attestation.json`, hashes }]
  })

/** The journal is read after the evidence: what evidence names was written before it. */
const against = (
  openJournal: () => JournalSource,
  runsDir: string,
  origins: readonly Origin[],
  own: readonly Finding[],
): Finding[] => {
  const source = openJournal()
  try {
    const missing = new Set(origins.flatMap(({ hashes }) => hashes))
    const recorded: RecordedAttempt[] = []
    const dropped: DroppedEvidence[] = []
    for (const { hash, bytes } of source.events()) {
      missing.delete(hash)
      recorded.push(...recordedIn(bytes))
      dropped.push(...droppedIn(bytes))
    }
    let vouched = 0
    for (const { hash, bytes } of source.anchors()) {
      missing.delete(hash)
      vouched = Math.max(vouched, anchoredSeq(bytes, JANITOR_STREAM))
    }
    const excused = new Set(
      dropped.filter(({ seq }) => seq <= vouched).flatMap(({ attestations }) => attestations),
    )
    const wanted = recorded.filter(({ attestationHash }) => !excused.has(attestationHash))
    const known = new Set(own.map(({ subject }) => subject))
    return [
      ...recordedFindings(runsDir, wanted).filter(({ subject }) => !known.has(subject)),
      ...origins.filter(({ hashes }) => hashes.some((hash) => missing.has(hash))).map(rolledBack),
    ]
  } finally {
    source.close()
  }
}

const rolledBack = ({ subject }: Origin): Finding => ({
  kind: 'rolled_back',
  subject,
  message: `${subject} names what is not in this journal: the journal was rolled back or replaced`,
})

/** One attempt whose evidence the journal vouches for. */
interface RecordedAttempt {
  readonly run: string
  readonly attempt: string
  readonly attestationHash: string
}

const RECORDED = 'xstate.done.actor.recordAttempt'
const RecordedEvent = z.object({
  type: z.literal(RECORDED),
  data: z.object({ event: z.object({ output: z.object({ dir: z.string(), attestationHash: Sha256 }) }) }),
})

const DroppedEvent = z.object({
  type: z.literal(EVIDENCE_DROPPED),
  stream: z.literal(JANITOR_STREAM),
  seq: z.number().int(),
  data: EvidenceDropped,
})

/** The attempt that an event calls recorded. Events that cannot be read are `verify`'s to report. */
const recordedIn = (bytes: string): RecordedAttempt[] => {
  if (!bytes.includes(RECORDED)) return []
  const event = RecordedEvent.safeParse(parseJson(bytes))
  if (!event.success) return []
  const { dir, attestationHash } = event.data.data.event.output
  return [{ run: basename(dirname(dir)), attempt: basename(dir), attestationHash }]
}

/** Evidence that was dropped when its time was over, by the journal's word; that counts once an anchor covers it. */
interface DroppedEvidence {
  readonly seq: number
  readonly attestations: readonly string[]
}

const droppedIn = (bytes: string): DroppedEvidence[] => {
  if (!bytes.includes(`"${EVIDENCE_DROPPED}"`)) return []
  const event = DroppedEvent.safeParse(parseJson(bytes))
  if (!event.success) return []
  const { seq, data } = event.data
  return [{ seq, attestations: data.runs.flatMap(({ attempts }) => Object.values(attempts)) }]
}

const anchoredSeq = (anchorBytes: string, stream: string): number => {
  const anchor = AnchorDraft.safeParse(parseJson(anchorBytes))
  return anchor.success ? (anchor.data.heads.find((head) => head.stream === stream)?.seq ?? 0) : 0
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
