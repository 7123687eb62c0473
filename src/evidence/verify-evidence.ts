import { createPublicKey, type KeyObject } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJsonFile } from '../platform/atomic-file.ts'
import { sha256 } from '../platform/sha256.ts'
import { ATTEMPT_PREDICATE, EvidenceStatement } from './attestation.ts'
import { DsseEnvelope, openEnvelope } from './dsse.ts'

/** One thing that is wrong with a folder of evidence. `file` is its path from the folder that was asked about. */
export interface EvidenceProblem {
  readonly file: string
  readonly problem: 'altered' | 'missing' | 'extra' | 'unattested'
  readonly message: string
}

export interface EvidenceVerification {
  readonly ok: boolean
  readonly problems: readonly EvidenceProblem[]
  /** What the folder's attestation says; null where its signature does not hold. */
  readonly statement: EvidenceStatement | null
  /** The statements of a run's attempts. */
  readonly attempts: readonly EvidenceStatement[]
}

/**
 * Verifies the folder of one attempt, or of a run with all its attempts, against a public key: every attested file is
 * there unchanged, and nothing else is. Needs the files and the key, nothing of the instance that wrote them.
 * @throws Error of node:crypto when `publicKey` is no public key, of node:fs when `dir` cannot be listed.
 */
export const verifyEvidence = (dir: string, publicKey: KeyObject | string): EvidenceVerification => {
  const key = typeof publicKey === 'string' ? createPublicKey(publicKey) : publicKey
  const opened = openAttestation(dir, key)
  if (!opened.ok) return { ok: false, problems: [opened.problem], statement: null, attempts: [] }
  const { statement } = opened
  const attested = new Map(statement.subject.map(({ name, digest }) => [name, digest.sha256]))
  const own = compareFiles(dir, attested)
  const nested =
    statement.predicateType === ATTEMPT_PREDICATE
      ? []
      : verifyAttempts(dir, statement.predicate.attempts, key)
  const problems = [...own, ...nested.flatMap(({ problems }) => problems)]
  const attempts = nested.flatMap((attempt) => (attempt.statement === null ? [] : [attempt.statement]))
  return { ok: problems.length === 0, problems, statement, attempts }
}

type Opened =
  | { readonly ok: true; readonly statement: EvidenceStatement }
  | { readonly ok: false; readonly problem: EvidenceProblem }

const openAttestation = (dir: string, key: KeyObject): Opened => {
  const envelope = readJsonFile(join(dir, ATTESTATION), DsseEnvelope)
  if (!envelope.ok) {
    return envelope.reason === 'missing'
      ? {
          ok: false,
          problem: { file: ATTESTATION, problem: 'missing', message: `${ATTESTATION} is missing` },
        }
      : unattested(envelope.message)
  }
  const payload = openEnvelope(envelope.value, key)
  if (payload === null) return unattested(`the signature of ${ATTESTATION} is not by this key`)
  const statement = EvidenceStatement.safeParse(parseJson(payload.toString('utf8')))
  return statement.success
    ? { ok: true, statement: statement.data }
    : unattested(`${ATTESTATION} is no statement we know`)
}

const unattested = (message: string): Opened => ({
  ok: false,
  problem: { file: ATTESTATION, problem: 'unattested', message },
})

const compareFiles = (dir: string, attested: ReadonlyMap<string, string>): EvidenceProblem[] => {
  const folders = new Set(
    [...attested.keys()].flatMap((name) => (name.includes('/') ? [name.split('/')[0]] : [])),
  )
  const missingOrAltered = [...attested].flatMap(([file, hash]) => {
    const found = hashOf(join(dir, file))
    if (found === hash) return []
    return found === null ? [problemOf(file, 'missing')] : [problemOf(file, 'altered')]
  })
  const extra = readdirSync(dir)
    .filter((name) => name !== ATTESTATION && !attested.has(name) && !folders.has(name))
    .sort()
    .map((name) => problemOf(name, 'extra'))
  return [...missingOrAltered, ...extra]
}

/** Each attempt on its own; a folder that holds another attempt's evidence is not the evidence of this one. */
const verifyAttempts = (dir: string, attempts: readonly string[], key: KeyObject): EvidenceVerification[] =>
  attempts
    .filter((attempt) => isFolder(join(dir, attempt)))
    .map((attempt) => {
      const found = verifyEvidence(join(dir, attempt), key)
      const problems = found.problems.map(({ file, problem, message }) => ({
        file: `${attempt}/${file}`,
        problem,
        message: `${attempt}: ${message}`,
      }))
      return { ...found, problems }
    })

/** Null where there is no regular file: a link is not the file it points to. */
const hashOf = (path: string): string | null => {
  try {
    return lstatSync(path).isFile() ? sha256(readFileSync(path)) : null
  } catch {
    return null
  }
}

const isFolder = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

const problemOf = (file: string, problem: 'altered' | 'missing' | 'extra'): EvidenceProblem => ({
  file,
  problem,
  message: MESSAGES[problem](file),
})

const MESSAGES = {
  altered: (file: string) => `${file} was altered`,
  missing: (file: string) => `${file} is missing`,
  extra: (file: string) => `${file} is not part of the evidence`,
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const ATTESTATION = 'attestation.json'
