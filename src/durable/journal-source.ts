/** An event as it lies there, unbelieved. `place` is what stands beside the bytes, where anything does. */
export interface RawEvent {
  readonly bytes: string
  readonly hash: string
  readonly place: {
    readonly stream: string
    readonly seq: number
    readonly writer: string
    readonly writerSeq: number
  } | null
}

export interface RawAnchor {
  readonly bytes: string
  readonly signature: string
  readonly hash: string
}

/** A journal to be verified: a database, or an export of one. Events come in the order they were written. */
export interface JournalSource {
  events(): Iterable<RawEvent>
  anchors(): Iterable<RawAnchor>
  /** The streams it holds where it is an archive of some; null where it is a whole journal. */
  scope(): ReadonlySet<string> | null
  /** The hash of every state row as it is now, by stream; null where the source holds no states. */
  states(): Iterable<{ readonly stream: string; readonly hash: string }> | null
  /** Where every stream and writer stands according to its own row; null where the source holds none. */
  heads(): Iterable<{ readonly stream: string; readonly seq: number; readonly hash: string }> | null
  writers(): Iterable<{ readonly writer: string; readonly seq: number }> | null
  close(): void
}
