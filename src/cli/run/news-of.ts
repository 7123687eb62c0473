import type { Attention } from '../../contracts/status.ts'

/** Tells each thing that wants a person once, when it appears, and again only after it had gone. */
export const newsOf = (tell: (attention: Attention) => void): ((now: readonly Attention[]) => void) => {
  let known = new Set<string>()
  return (now) => {
    const keys = new Set(now.map(keyOf))
    for (const each of now) if (!known.has(keyOf(each))) tell(each)
    known = keys
  }
}

const keyOf = ({ kind, subject, reason }: Attention): string => `${kind} ${subject} ${reason}`
