import { closeSync, openSync, readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import type { AgentStream } from './agent-type.ts'

/** One event of an agent's stream: a JSON object, still untrusted. */
export type AgentEvent = Readonly<Record<string, unknown>>

/** Lines longer than this are left out: some agents repeat a whole message in every delta. */
const LONGEST_LINE = 4 * 1024 * 1024
/** Twice what a keeper lets an agent write; whoever holds its output can make the file any size, of holes. */
const MOST_BYTES = 512 * 1024 * 1024
const CHUNK_BYTES = 256 * 1024

/**
 * Reads the JSON objects of a stream of lines, one after the other, in bounded memory. What is no JSON object (noise,
 * a line cut short by a crash, one over 4 MiB) is skipped. A missing file is an empty stream.
 */
export function* readEvents(stream: AgentStream): Generator<AgentEvent> {
  for (const line of readLines(stream)) {
    const event = parseEvent(line)
    if (event !== null) yield event
  }
}

/** One line as an event; null where it is none. */
export const parseEvent = (line: string): AgentEvent | null => {
  const text = line.trim()
  if (!text.startsWith('{')) return null
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as AgentEvent) : null
  } catch {
    return null
  }
}

/** The lines of a stream, in bounded time and memory; one over 4 MiB is left out. A missing file has none. */
export function* readLines({ file: path, endBytes = MOST_BYTES }: AgentStream): Generator<string> {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return
  }
  const decoder = new StringDecoder('utf8')
  const chunk = Buffer.alloc(CHUNK_BYTES)
  let left = Math.min(endBytes, MOST_BYTES)
  let rest = ''
  let skipping = false
  try {
    for (;;) {
      const bytes = readSync(file, chunk, 0, Math.min(chunk.length, left), null)
      if (bytes === 0) break
      left -= bytes
      // Only what is new is searched: a line may take many chunks.
      const [end = '', ...lines] = decoder.write(chunk.subarray(0, bytes)).split('\n')
      if (!skipping) rest += end
      for (const line of lines) {
        if (!skipping) yield rest
        rest = line
        skipping = false
      }
      if (rest.length > LONGEST_LINE) {
        rest = ''
        skipping = true
      }
    }
    if (!skipping && rest !== '') yield rest
  } finally {
    closeSync(file)
  }
}
