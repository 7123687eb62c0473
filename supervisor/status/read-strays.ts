import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessIdentity } from '../../src/contracts/process-identity.ts'
import { parseStat } from '../../src/platform/linux-processes.ts'
import { parseIdentity, parseIntent } from './parse-records.ts'
import { type Prover, provedBy } from './prove-identity.ts'

/** A registered process that is not proved gone. */
export interface Stray {
  readonly role: string
  readonly subject: string
  readonly pid: number
}

interface Strays {
  readonly strays: readonly Stray[]
  /** Records that could not be read: what they name may live. */
  readonly problems: readonly string[]
}

interface Candidate {
  readonly role: string
  readonly subject: string
  readonly identity: ProcessIdentity
}

/**
 * Everything that was registered under a state folder and is not proved gone: lanes, services, keepers, agents and
 * effect subprocesses. Read only where the supervisor does not answer for them itself.
 */
export const readStrays = (stateDir: string, known: readonly Candidate[], prover: Prover): Strays => {
  const problems: string[] = []
  const note = (path: string, error: unknown): void => {
    problems.push(`${path}: ${(error as Error).message}`)
  }
  const candidates = [
    ...known,
    ...registered(join(stateDir, 'registrations'), note),
    ...kept(join(stateDir, 'keepers'), note),
  ]
  const seen = new Set<string>()
  const strays: Stray[] = []
  for (const { role, subject, identity } of candidates) {
    const key = `${identity.pid}:${identity.startTicks}`
    if (role === 'supervisor' || seen.has(key) || provedBy(prover.prove(identity)) === 'gone') continue
    seen.add(key)
    strays.push({ role, subject, pid: identity.pid })
  }
  return { strays, problems }
}

type Note = (path: string, error: unknown) => void

const registered = (dir: string, note: Note): Candidate[] =>
  foldersOf(dir, note).flatMap((folder) => {
    const path = join(folder, 'intent.json')
    try {
      const text = readOrNull(path)
      if (text === null) return []
      const { role, subject, at } = parseIntent(text)
      const identity = identityIn(join(folder, 'identity'), at.bootId)
      return identity === null ? [] : [{ role, subject, identity }]
    } catch (error) {
      note(path, error)
      return []
    }
  })

/** Keepers without an exit record, and the agents they own. */
const kept = (dir: string, note: Note): Candidate[] =>
  foldersOf(dir, note).flatMap((folder) => {
    const path = join(folder, 'keeper.json')
    try {
      const text = existsSync(join(folder, 'exit.json')) ? null : readOrNull(path)
      if (text === null) return []
      const subject = folder.slice(dir.length + 1)
      const identity = parseIdentity(text)
      const agent = identityIn(join(folder, 'agent.identity'), identity.bootId)
      return [
        { role: 'keeper', subject, identity },
        ...(agent === null ? [] : [{ role: 'agent', subject, identity: agent }]),
      ]
    } catch (error) {
      note(path, error)
      return []
    }
  })

/** What a process wrote of itself; null while that is missing or incomplete, and where it wrote only a pid. */
const identityIn = (path: string, bootId: string): ProcessIdentity | null => {
  const line = readOrNull(path)
  const entry = line?.endsWith('\n') ? parseStat(line) : null
  return entry === null ? null : { pid: entry.pid, startTicks: entry.startTicks, bootId }
}

const foldersOf = (dir: string, note: Note): string[] => {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(dir, entry.name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') note(dir, error)
    return []
  }
}

/** @throws Error of node:fs for anything but a missing file. */
const readOrNull = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
