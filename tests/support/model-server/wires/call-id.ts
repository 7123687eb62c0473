import type { Reply } from '../answer.ts'

const ids = new WeakMap<Reply, string>()
let drawn = 0

/** The id of the tool call in an answer: one for each answer, whichever of its events tells it. */
export const callId = (reply: Reply): string => {
  const known = ids.get(reply)
  if (known !== undefined) return known
  drawn += 1
  const id = `call_${drawn}`
  ids.set(reply, id)
  return id
}
