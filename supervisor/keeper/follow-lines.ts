import { readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'

/** Read at once, and so the most memory that one look takes beside the line under way. */
const CHUNK_BYTES = 256 * 1024
/** Read in one look: who writes faster than we read must not keep us from everything else. */
const LOOK_BYTES = 8 * 1024 * 1024
/** Longer lines are dropped: some agents repeat a whole message in every delta. */
const LONGEST_LINE = 4 * 1024 * 1024

/**
 * Gives every whole line a growing file has got since the last call, in order; `fd` stays where it is for its writer.
 * @param onDropped told once for each line that was too long.
 * @returns the next look: false where it left something for the one after.
 */
export const followLines = (
  fd: number,
  onLine: (line: string) => void,
  onDropped: () => void,
): (() => boolean) => {
  const decoder = new StringDecoder('utf8')
  const chunk = Buffer.alloc(CHUNK_BYTES)
  let offset = 0
  let rest = ''
  let skipping = false
  return () => {
    for (let read = 0; read < LOOK_BYTES; ) {
      const bytes = readSync(fd, chunk, 0, chunk.length, offset)
      if (bytes === 0) return true
      read += bytes
      offset += bytes
      // Only what is new is searched: a line may take many chunks.
      const [end = '', ...lines] = decoder.write(chunk.subarray(0, bytes)).split('\n')
      if (!skipping) rest += end
      for (const line of lines) {
        if (skipping) onDropped()
        else onLine(rest)
        rest = line
        skipping = false
      }
      if (rest.length <= LONGEST_LINE) continue
      rest = ''
      skipping = true
    }
    return false
  }
}
