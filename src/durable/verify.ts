import type { KeyObject } from 'node:crypto'
import { canonicalJson } from '../contracts/canonical-json.ts'
import { sha256 } from '../platform/sha256.ts'
import { AnchorDraft, type SignedAnchor } from './anchor.ts'
import { isSignedBy } from './anchors.ts'
import { decodeEvent, ZERO_HASH } from './event-bytes.ts'
import { JANITOR_STREAM, JOURNAL_CUT, JournalCut } from './journal-cut.ts'
import type { JournalSource, RawAnchor, RawEvent } from './journal-source.ts'
import { type EventTail, readTail } from './read-tail.ts'
import { type StreamCheck, StreamChecks } from './stream-checks.ts'

export interface Altered {
  readonly stream: string
  /** Null where the row of the state, not an event, differs. */
  readonly seq: number | null
  readonly what: string
}

export interface SeqRange {
  /** A stream, or `writer <name>` where only the writer's own count shows the gap. */
  readonly stream: string
  readonly fromSeq: number
  readonly toSeq: number
}

/** What is wrong with a journal, by name. `ok` says that nothing is altered or missing; an unanchored tail is only stated. */
export interface VerifyReport {
  readonly ok: boolean
  readonly events: number
  readonly streams: number
  readonly anchors: number
  readonly altered: readonly Altered[]
  readonly missing: readonly SeqRange[]
  /** Events after their stream's last anchor: intact as far as the chain shows, but nobody has signed for them. */
  readonly unanchored: readonly SeqRange[]
  /** What was taken out into archives, by the journal's own anchored word. */
  readonly archived: readonly JournalCut[]
  /** True when the anchor handed in is not part of this journal's history. */
  readonly rolledBack: boolean
}

/**
 * Verifies a journal, or an archive of some of its streams: every event's bytes, each stream's chain, each writer's count, the states against what their
 * last event vouches for, and the chain of signed anchors.
 * @param options.against an anchor kept elsewhere; finds a journal that was rolled back as a whole.
 */
export const verify = (
  source: JournalSource,
  options: { readonly publicKey: KeyObject; readonly against?: SignedAnchor | null },
): VerifyReport => {
  const checks = new StreamChecks(source.scope())
  const against = options.against ?? null
  const anchors = checkAnchors(source, checks, options.publicKey)
  const rolledBack = against !== null && !contains(anchors, against, checks, options.publicKey)
  const events = checkEvents(source, checks)
  checkHeads(source, checks)
  checkWriters(source, checks)
  checkStates(source, checks)
  const archived = checks.finish()
  return {
    ok: checks.altered.length === 0 && checks.missing.length === 0 && !rolledBack,
    events,
    streams: checks.streams.size,
    anchors: anchors.size,
    altered: checks.altered,
    missing: checks.missing,
    unanchored: checks.unanchored(),
    archived,
    rolledBack,
  }
}

/**
 * Reads the anchors first, so that the events can be held against them in passing. Answers their hashes by number. An
 * archive has only the anchors that name its streams: each is signed by itself, their chain is the journal's.
 */
const checkAnchors = (
  source: JournalSource,
  checks: StreamChecks,
  publicKey: KeyObject,
): ReadonlyMap<number, string> => {
  const hashes = new Map<number, string>()
  const isWhole = source.scope() === null
  let expected = { n: 1, prev: ZERO_HASH }
  for (const raw of source.anchors()) {
    const anchor = readAnchor(raw)
    const prev = isWhole ? expected.prev : (anchor?.prev ?? ZERO_HASH)
    const fault = anchor === null ? 'the anchor cannot be read' : faultOf(raw, anchor, prev, publicKey)
    const n = anchor?.n ?? expected.n
    if (isWhole && n > expected.n) checks.miss('anchors', expected.n, n - 1)
    else if (fault !== null) checks.alter('anchors', n, fault)
    if (anchor !== null) for (const head of anchor.heads) checks.expectAnchored(head)
    hashes.set(n, raw.hash)
    expected = { n: n + 1, prev: raw.hash }
  }
  return hashes
}

const readAnchor = (raw: RawAnchor): AnchorDraft | null => {
  try {
    return AnchorDraft.parse(JSON.parse(raw.bytes))
  } catch {
    return null
  }
}

const faultOf = (raw: RawAnchor, anchor: AnchorDraft, prev: string, publicKey: KeyObject): string | null => {
  if (sha256(raw.bytes) !== raw.hash) return 'the anchor does not have its hash'
  if (!isSignedBy(raw.bytes, raw.signature, publicKey)) return 'the anchor was not signed by this key'
  if (anchor.prev !== prev) return 'the anchor does not follow the one before it'
  return null
}

/** Holds an anchor from elsewhere against the journal; also names what its streams lack. */
const contains = (
  anchors: ReadonlyMap<number, string>,
  { anchor, signature, hash }: SignedAnchor,
  checks: StreamChecks,
  publicKey: KeyObject,
): boolean => {
  const bytes = canonicalJson(anchor)
  if (sha256(bytes) !== hash || !isSignedBy(bytes, signature, publicKey)) {
    checks.alter('anchors', anchor.n, 'the anchor to verify against was not signed by this key')
    return true
  }
  if (anchors.get(anchor.n) === hash) return true
  for (const head of anchor.heads) checks.expectAnchored(head)
  return false
}

const checkEvents = (source: JournalSource, checks: StreamChecks): number => {
  let count = 0
  for (const raw of source.events()) {
    count += 1
    const tail = readTail(raw.bytes)
    if (tail === null) {
      checks.alter(raw.place?.stream ?? `event ${count}`, raw.place?.seq ?? null, 'the event cannot be read')
      if (raw.place !== null) checks.pass({ ...raw.place, prev: null, stateHash: null }, raw.hash, null)
      continue
    }
    const fault = sha256(raw.bytes) === raw.hash ? misplaced(raw, tail) : 'the event does not have its hash'
    // Beside altered bytes the columns are the better witness of which event it is.
    checks.pass(fault === null || raw.place === null ? tail : { ...tail, ...raw.place }, raw.hash, fault)
    const cut = fault === null ? cutIn(raw, tail) : null
    if (cut !== null) checks.cut(tail.seq, cut)
  }
  return count
}

const cutIn = (raw: RawEvent, { stream, type }: EventTail): JournalCut | null => {
  if (stream !== JANITOR_STREAM || type !== JOURNAL_CUT) return null
  const cut = JournalCut.safeParse(decodeEvent(raw).data)
  return cut.success ? cut.data : null
}

const misplaced = ({ place }: RawEvent, tail: EventTail): string | null =>
  place === null ||
  (place.stream === tail.stream &&
    place.seq === tail.seq &&
    place.writer === tail.writer &&
    place.writerSeq === tail.writerSeq)
    ? null
    : 'the event stands in another place than it says'

const checkHeads = (source: JournalSource, checks: StreamChecks): void => {
  const heads = source.heads()
  if (heads === null) return
  for (const head of heads) checks.expectHead(head)
}

const checkWriters = (source: JournalSource, checks: StreamChecks): void => {
  for (const { writer, seq } of source.writers() ?? []) checks.expectWriter(writer, seq)
}

const checkStates = (source: JournalSource, checks: StreamChecks): void => {
  const states = source.states()
  if (states === null) return
  const seen = new Set<string>()
  for (const { stream, hash } of states) {
    seen.add(stream)
    const check: StreamCheck | undefined = checks.streams.get(stream)
    if (check === undefined) checks.alter(stream, null, 'no event vouches for its state')
    else if (check.stateHash !== null && check.stateHash !== hash)
      checks.alter(stream, null, 'its state is not the one its last event produced')
  }
  for (const [stream, check] of checks.streams)
    if (check.stateHash !== null && check.stateHash !== ZERO_HASH && !seen.has(stream))
      checks.alter(stream, null, 'its state is gone')
}
