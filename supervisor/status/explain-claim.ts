import type { StatusView } from './read-view.ts'

/** One sentence: why the claim is what it is. */
export const explainClaim = (view: StatusView): string => {
  switch (view.row) {
    case 'a':
      return whyNothing(view)
    case 'b':
      return `it ended cleanly: ${view.status?.cleanStop?.terminal}`
    case 'c':
      return `its supervisor is ${view.supervisor.proof}: ${view.supervisor.because}`
    case 'd':
      return view.facts.cleanStop ? 'it has recorded its stop and is on its way out' : whyUnproven(view)
    case 'e':
      return view.facts.paused ? 'paused' : `nothing is in flight and ${view.facts.waiting} wait`
    case 'f':
      return view.facts.active > 0
        ? `everything is proved; in flight: ${view.facts.active}`
        : 'everything is proved; idle'
  }
}

const whyNothing = (view: StatusView): string => {
  if (view.problems.length > 0) return view.problems.join('; ')
  if (view.status === null) return `nothing was ever recorded in ${view.dir}`
  return 'its supervisor is dead, recorded no clean stop, and left nothing alive'
}

const SHOWN = 3

const whyUnproven = (view: StatusView): string => {
  const unproven = view.children.filter(({ proof }) => proof === 'unproven' || proof === 'gone')
  const first = unproven.slice(0, SHOWN).map(({ record, because }) => `${record.id} (${because})`)
  const more = unproven.length - first.length
  return `not proved: ${first.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
