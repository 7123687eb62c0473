import type { KeyObject } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { SignedAnchor } from '../../durable/anchor.ts'
import type { JournalCut } from '../../durable/journal-cut.ts'
import type { JournalSource } from '../../durable/journal-source.ts'
import { type VerifyReport, verify } from '../../durable/verify.ts'
import { sha256 } from '../../platform/sha256.ts'
import { oneLine } from '../print/visible.ts'
import { type Finding, journalFindings, ROLLED_BACK, rangeOf, type Verified } from './finding.ts'
import type { Against } from './read-anchor.ts'

/** Where a journal's archives lie, if they are known to lie anywhere. */
export type ArchivePlace = string | null

/** How many streams of the unanchored tail are named one by one for people. */
const SHOWN_TAILS = 5

/**
 * Verifies a journal, wherever it comes from, and closes it. A source that cannot be read to its end is a finding, not
 * an error.
 * @throws Error of `open`.
 */
export const verifyJournal = (
  open: () => JournalSource,
  name: string,
  publicKey: KeyObject,
  against: Against | null,
  archives: ArchivePlace = null,
): Verified => {
  const source = open()
  try {
    const anchor = against?.kind === 'anchor' ? against.anchor : null
    const report = verify(source, { publicKey, against: anchor })
    const isKnown = against?.kind !== 'hash' || hasAnchor(source, against.hash)
    const kept = archives === null ? [] : report.archived.map((cut) => lookAt(archives, cut))
    const altered = kept.filter(({ standing }) => standing === 'altered').map(archiveFinding)
    const findings = [...journalFindings(report), ...altered, ...(isKnown ? [] : [ROLLED_BACK])]
    const { events, streams, anchors, unanchored } = report
    const rolledBack = report.rolledBack || !isKnown
    return {
      facts: {
        journal: {
          events,
          streams,
          anchors,
          rolledBack,
          unanchored,
          archived: report.archived.map(archiveFacts),
        },
        anchor: latestAnchor(source),
      },
      lines: [...linesOf(name, report, findings.length), ...archiveLines(report.archived, kept)],
      findings,
    }
  } catch (error) {
    const message = `${name} cannot be read to its end: ${(error as Error).message}`
    return { facts: {}, lines: [], findings: [{ kind: 'unreadable', subject: name, message }] }
  } finally {
    source.close()
  }
}

const hasAnchor = (source: JournalSource, hash: string): boolean => {
  for (const anchor of source.anchors()) if (anchor.hash === hash) return true
  return false
}

/** The last anchor, to be kept elsewhere for a later `--against`. */
const latestAnchor = (source: JournalSource): SignedAnchor | null => {
  let last: SignedAnchor | null = null
  for (const { bytes, signature, hash } of source.anchors()) {
    const parsed = SignedAnchor.safeParse({ anchor: parseJson(bytes), signature, hash })
    last = parsed.success ? parsed.data : null
  }
  return last
}

const linesOf = (name: string, report: VerifyReport, findings: number): string[] => {
  const { events, streams, anchors, unanchored } = report
  const verdict = findings === 0 ? 'intact' : `NOT intact, ${findings} found`
  const tail = unanchored.reduce((sum, { fromSeq, toSeq }) => sum + toSeq - fromSeq + 1, 0)
  const named = unanchored
    .slice(0, SHOWN_TAILS)
    .map(({ stream, fromSeq, toSeq }) => `    ${stream} ${rangeOf(fromSeq, toSeq)}`)
  const more =
    unanchored.length > SHOWN_TAILS ? [`    and ${unanchored.length - SHOWN_TAILS} more streams`] : []
  return [
    `${name}: ${verdict}; ${events} events in ${streams} streams, ${anchors} anchors`,
    ...(tail === 0
      ? []
      : [`  unanchored tail: ${tail} events are chained, but no anchor covers them yet`, ...named, ...more]),
  ]
}

interface Kept {
  readonly file: string
  readonly standing: 'intact' | 'altered' | 'elsewhere'
}

/** An archive is what its hash in the journal says, byte by byte. */
const lookAt = (folder: string, { file, sha256: expected }: JournalCut): Kept => {
  const path = join(folder, basename(file))
  if (!existsSync(path)) return { file, standing: 'elsewhere' }
  return { file, standing: sha256(readFileSync(path)) === expected ? 'intact' : 'altered' }
}

const archiveFinding = ({ file }: Kept): Finding => ({
  kind: 'altered',
  subject: `archive/${file}`,
  message: `archive/${file} is altered: it is not what the journal says was archived`,
})

const archiveFacts = ({ file, sha256: hash, events, streams }: JournalCut) => ({
  file,
  sha256: hash,
  events,
  streams: streams.length,
})

const archiveLines = (cuts: readonly JournalCut[], kept: readonly Kept[]): string[] =>
  cuts.map(({ file, events, streams }) => {
    const standing = kept.find((each) => each.file === file)?.standing
    const where =
      standing === 'elsewhere'
        ? '; it is not here: verify it where it is kept'
        : standing
          ? `; ${standing}`
          : ''
    return `  archived in ${oneLine(file)}: ${events} events of ${streams.length} streams${where}`
  })

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
