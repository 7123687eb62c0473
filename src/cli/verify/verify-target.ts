import type { KeyObject } from 'node:crypto'
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { RunId } from '../../contracts/ids.ts'
import { exportSource } from '../../durable/export-source.ts'
import type { JournalSource } from '../../durable/journal-source.ts'
import { loadPublicKey } from '../../durable/keys.ts'
import { databaseSource } from '../../durable/sqlite/database-source.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { existingLayout } from '../look/with-system.ts'
import type { Answer } from '../print/print-answer.ts'
import { oneLine, quoted } from '../print/visible.ts'
import { RefusedError, UsageError } from '../report-error.ts'
import type { Finding, Verified } from './finding.ts'
import { type Against, readAgainst } from './read-anchor.ts'
import { verifyJournal } from './verify-journal.ts'
import { verifyFolder, verifyRuns } from './verify-runs.ts'

export interface VerifyOptions extends StateOptions {
  readonly against?: string
  readonly publicKey?: string
}

/** `verify`: the live state, one run, or a file or folder from anywhere. */
export const verifyTarget = async (target: string | null, options: VerifyOptions): Promise<Answer> => {
  const against = options.against === undefined ? null : readAgainst(options.against)
  if (target === null) return answerOf(await verifyLive(options, against))
  if (RunId.safeParse(target).success) return answerOf([await verifyRun(target, options, against)])
  return answerOf([await verifyPath(target, options, against)])
}

const verifyLive = async (options: VerifyOptions, against: Against | null): Promise<Verified[]> => {
  const layout = await existingLayout(options)
  const key = publicKeyOf(options, layout)
  const open = (): JournalSource => opened(layout.journal, databaseSource)
  const journal = verifyJournal(open, 'journal', key, against, layout.archive)
  if (journal.findings.some(({ kind }) => kind === 'unreadable'))
    return [journal, await verifyRuns(layout.runs, key, null)]
  return [journal, isImported(open()) ? IMPORTED : await verifyRuns(layout.runs, key, open)]
}

/** An imported journal has no states, and no evidence lies beside it. */
const isImported = (source: JournalSource): boolean => {
  try {
    return source.states() === null
  } finally {
    source.close()
  }
}

const IMPORTED: Verified = {
  facts: { imported: true, runs: [] },
  lines: ['it was imported from an export: neither states nor evidence belong to it, and none were verified'],
  findings: [],
}

const verifyRun = async (run: string, options: VerifyOptions, against: Against | null): Promise<Verified> => {
  refuseAgainst(against)
  const layout = await existingLayout(options)
  const dir = layout.runDir(run)
  if (!existsSync(dir))
    throw new UsageError(`no evidence of ${run}; \`oc-supervise runs list\` shows all runs`)
  return verifyFolder(dir, run, publicKeyOf(options, layout))
}

const verifyPath = async (
  path: string,
  options: VerifyOptions,
  against: Against | null,
): Promise<Verified> => {
  const found = path.includes('\0') ? undefined : statSync(path, { throwIfNoEntry: false })
  if (found === undefined) {
    throw new UsageError(
      `no run and no file ${quoted(path)}; name a run, an export, a journal or a folder of evidence`,
    )
  }
  const key = options.publicKey === undefined ? await ownKey(options) : loadKey(options.publicKey)
  const name = oneLine(basename(resolve(path)))
  if (!found.isDirectory()) return verifyJournal(() => openSource(path), name, key, against)
  refuseAgainst(against)
  return verifyFolder(resolve(path), name, key)
}

const refuseAgainst = (against: Against | null): void => {
  if (against !== null) throw new UsageError('--against is for journals: leave it out, or leave out the run')
}

/** What came from elsewhere needs a key that did not come with it; ours stands in only where this is our own. */
const ownKey = async (options: VerifyOptions): Promise<KeyObject> => {
  try {
    return publicKeyOf(options, await existingLayout(options))
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof RefusedError)) throw error
    throw new UsageError(
      'which key? name the public key of the instance that wrote it with --public-key FILE',
    )
  }
}

const publicKeyOf = (options: VerifyOptions, layout: StateLayout): KeyObject => {
  if (options.publicKey !== undefined) return loadKey(options.publicKey)
  if (existsSync(join(layout.keys, 'instance.pub'))) return loadKey(layout.keys)
  throw new RefusedError('key_missing', `${layout.keys} holds no public key; name one with --public-key FILE`)
}

const loadKey = (path: string): KeyObject => {
  try {
    return loadPublicKey(path)
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

const SQLITE_MAGIC = 'SQLite format 3\0'

const openSource = (path: string): JournalSource =>
  opened(path, startOf(path) === SQLITE_MAGIC ? databaseSource : exportSource)

/** @throws RefusedError `journal_unreadable` where the file cannot be opened as what it should be. */
const opened = (path: string, open: (path: string) => JournalSource): JournalSource => {
  try {
    return open(path)
  } catch (error) {
    throw new RefusedError('journal_unreadable', `${quoted(path)}: ${(error as Error).message}`)
  }
}

const startOf = (path: string): string => {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(SQLITE_MAGIC.length)
    return bytes.toString('latin1', 0, readSync(file, bytes))
  } finally {
    closeSync(file)
  }
}

/** How many findings people are shown; `--json` has all. */
const SHOWN = 50

const answerOf = (parts: readonly Verified[]): Answer => {
  const findings = parts.flatMap((part) => part.findings)
  const ok = findings.length === 0
  const facts = Object.assign({}, ...parts.map((part) => part.facts)) as object
  const lines = [...parts.flatMap((part) => part.lines), ...findings.slice(0, SHOWN).map(lineOf)]
  if (findings.length > SHOWN) lines.push(`  and ${findings.length - SHOWN} more; --json has them all`)
  const count = findings.length === 1 ? 'one thing is' : `${findings.length} things are`
  return {
    json: { ok, ...facts, findings },
    text: lines.join('\n'),
    ...(ok
      ? {}
      : { refused: { code: 'verification_failed', message: `${count} wrong; nothing was changed` } }),
  }
}

const lineOf = ({ kind, message }: Finding): string => `  ${kind.padEnd(11)} ${oneLine(message)}`
