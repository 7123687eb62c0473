/** The members of an event after `data`, the large one that verification has no use for. */
export interface EventTail {
  readonly prev: string
  readonly seq: number
  readonly stateHash: string
  readonly stream: string
  readonly type: string
  readonly writer: string
  readonly writerSeq: number
}

/**
 * Reads the end of an event's canonical bytes; null where it has none. In canonical JSON the last `,"prev":"` is the
 * event's own: within strings the quotes are escaped, and only short strings follow.
 */
export const readTail = (bytes: string): EventTail | null => {
  const start = bytes.lastIndexOf(',"prev":"')
  if (start === -1) return null
  try {
    return JSON.parse(`{${bytes.slice(start + 1)}`) as EventTail
  } catch {
    return null
  }
}
