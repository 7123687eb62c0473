import { ZERO_HASH } from './event-bytes.ts'
import { JANITOR_STREAM, type JournalCut, type SeqSpan, spansOutside } from './journal-cut.ts'
import type { Altered, SeqRange } from './verify.ts'

/** How far one stream has been read. */
export interface StreamCheck {
  seq: number
  hash: string
  /** State hash of the last event; null when that event cannot be read. */
  stateHash: string | null
  /** The last event is reported already: its successor need not accuse it again. */
  isReported: boolean
}

interface Head {
  readonly stream: string
  readonly seq: number
  readonly hash: string
}

interface ReadEvent {
  readonly stream: string
  readonly seq: number
  readonly writer: string
  readonly writerSeq: number
  readonly prev: string | null
  readonly stateHash: string | null
}

/** The ledger of one verification: where each stream and writer stands, and what was found. */
export class StreamChecks {
  readonly altered: Altered[] = []
  readonly missing: SeqRange[] = []
  readonly streams = new Map<string, StreamCheck>()
  readonly #writers = new Map<string, number>()
  /** Numbers that are missing in a writer's own count. */
  readonly #gaps: { readonly writer: string; readonly span: SeqSpan }[] = []
  /** What the journal says was archived, by the event that says so, and the streams of it that are really gone. */
  readonly #cuts: { readonly seq: number; readonly cut: JournalCut; readonly gone: readonly Head[] }[] = []
  /** Anchored hashes by stream and seq. */
  readonly #anchored = new Map<string, Map<number, string>>()

  readonly #scope: ReadonlySet<string> | null

  /** @param scope the streams that are here at all; null: all. */
  constructor(scope: ReadonlySet<string> | null) {
    this.#scope = scope
  }

  alter(stream: string, seq: number | null, what: string): void {
    this.altered.push({ stream, seq, what })
  }

  miss(stream: string, fromSeq: number, toSeq: number): void {
    this.missing.push({ stream, fromSeq, toSeq })
  }

  /** Somebody signed that this stream had this hash at this seq. */
  expectAnchored({ stream, seq, hash }: Head): void {
    if (this.#scope?.has(stream) === false) return
    const known = this.#anchored.get(stream) ?? new Map<number, string>()
    this.#anchored.set(stream, known.set(seq, hash))
  }

  /** The next event of its stream. @param fault what is wrong with the event in itself. */
  pass(event: ReadEvent, hash: string, fault: string | null): void {
    const { stream, seq } = event
    const before = this.streams.get(stream) ?? { seq: 0, hash: ZERO_HASH, stateHash: null, isReported: false }
    this.#passWriter(event.writer, event.writerSeq)
    const anchored = this.#anchored.get(stream)?.get(seq)
    const what =
      fault ??
      (seq <= before.seq ? 'the event stands out of order' : null) ??
      (anchored !== undefined && anchored !== hash ? 'the event is not the one that was anchored' : null)
    if (what !== null) this.alter(stream, seq, what)
    if (seq > before.seq + 1) this.miss(stream, before.seq + 1, seq - 1)
    else if (event.prev !== null && event.prev !== before.hash && !before.isReported)
      this.alter(stream, Math.max(before.seq, 1), 'the event after it names another hash')
    this.streams.set(stream, {
      seq: Math.max(seq, before.seq),
      hash,
      stateHash: event.stateHash,
      isReported: what !== null || event.prev === null,
    })
  }

  /** The journal says that streams were archived: those that are not here go on from where the archive ends. */
  cut(seq: number, cut: JournalCut): void {
    const gone = cut.streams.filter(({ stream }) => !this.streams.has(stream))
    for (const { stream, ...end } of gone) this.streams.set(stream, { ...end, isReported: false })
    this.#cuts.push({ seq, cut, gone })
  }

  /** What the stream's own row says of its end. */
  expectHead({ stream, seq, hash }: Head): void {
    const check = this.streams.get(stream)
    if (check === undefined) this.miss(stream, 1, seq)
    else if (check.seq < seq) this.miss(stream, check.seq + 1, seq)
    else if ((check.seq > seq || check.hash !== hash) && !check.isReported)
      this.alter(stream, check.seq, 'its head names another event')
  }

  /** What the writer's own row says of its count. */
  expectWriter(writer: string, seq: number): void {
    const last = this.#writers.get(writer) ?? 0
    if (last < seq) this.#gaps.push({ writer, span: [last + 1, seq] })
  }

  /** Names what never came though it was anchored or counted, and no archive has it. Answers what archives have. */
  finish(): JournalCut[] {
    const vouched = largest(this.#anchored.get(JANITOR_STREAM)?.keys() ?? [])
    const cuts = this.#cuts.filter(({ seq }) => seq <= vouched).map(({ cut }) => cut)
    for (const { seq, gone } of this.#cuts)
      if (seq > vouched) for (const { stream, seq: last } of gone) this.miss(stream, 1, last)
    for (const { writer, span } of this.#gaps)
      for (const [from, to] of spansOutside(
        span,
        cuts.flatMap(({ writers }) => writers[writer] ?? []),
      ))
        this.miss(`writer ${writer}`, from, to)
    for (const [stream, anchored] of this.#anchored) {
      const last = this.streams.get(stream)?.seq ?? 0
      const wanted = largest(anchored.keys())
      const isKnown = this.missing.some((range) => range.stream === stream && range.toSeq >= wanted)
      if (wanted > last && !isKnown) this.miss(stream, last + 1, wanted)
    }
    return cuts
  }

  /** What lies behind each stream's last anchor. */
  unanchored(): SeqRange[] {
    return [...this.streams]
      .map(([stream, { seq }]) => {
        const anchored = largest(this.#anchored.get(stream)?.keys() ?? [])
        return { stream, fromSeq: anchored + 1, toSeq: seq }
      })
      .filter(({ fromSeq, toSeq }) => fromSeq <= toSeq)
  }

  #passWriter(writer: string, seq: number): void {
    const before = this.#writers.get(writer) ?? 0
    if (seq > before + 1 && this.#scope === null) this.#gaps.push({ writer, span: [before + 1, seq - 1] })
    this.#writers.set(writer, Math.max(seq, before))
  }
}

const largest = (numbers: Iterable<number>): number => {
  let found = 0
  for (const number of numbers) if (number > found) found = number
  return found
}
