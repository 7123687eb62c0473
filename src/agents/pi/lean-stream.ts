/**
 * Events in which pi repeats a whole message, or all output of a tool, for every piece that came: their sum grows with
 * the square of what is said, and nothing of ours reads them.
 */
const DROPPED = ['message_update', 'tool_execution_update'].map((type) => Buffer.from(`{"type":"${type}"`))
const LONGEST_HEAD = Math.max(...DROPPED.map(({ length }) => length))

const AT_WORK = Buffer.from('{"type":"at_work"}\n')
/** A stream of nothing but dropped events still grows once in so long, so that it does not look idle. */
const TELL_EVERY_MS = 1_000
const NEW_LINE = 0x0a

/**
 * Leaves the lines of such events out of a stream, whatever their length and however it is cut into chunks.
 * @param monoMs the monotonic clock.
 * @returns takes the next chunk.
 */
export const leanStream = (
  write: (chunk: Buffer) => void,
  monoMs: () => number,
): ((chunk: Buffer) => void) => {
  /** The beginning of a line that may still turn out to be either. */
  let head = Buffer.alloc(0)
  let line: 'unknown' | 'kept' | 'dropped' = 'unknown'
  let toldMs = Number.NEGATIVE_INFINITY

  const take = (piece: Buffer): void => {
    if (line === 'kept') write(piece)
    if (line !== 'unknown') return
    head = Buffer.concat([head, piece])
    const begins = DROPPED.some((dropped) => head.subarray(0, dropped.length).equals(dropped))
    const isOver = head.length >= LONGEST_HEAD || head.at(-1) === NEW_LINE
    if (!begins && !isOver) return
    line = begins ? 'dropped' : 'kept'
    if (line === 'kept') write(head)
    head = Buffer.alloc(0)
  }
  const endLine = (): void => {
    if (line === 'dropped' && monoMs() - toldMs >= TELL_EVERY_MS) {
      write(AT_WORK)
      toldMs = monoMs()
    }
    line = 'unknown'
  }

  return (chunk) => {
    for (let from = 0; from < chunk.length; ) {
      const at = chunk.indexOf(NEW_LINE, from)
      const to = at === -1 ? chunk.length : at + 1
      take(chunk.subarray(from, to))
      if (at !== -1) endLine()
      from = to
    }
  }
}
