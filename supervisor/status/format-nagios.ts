import type { Claim } from '../../src/contracts/status.ts'
import { describeWalls } from './describe-walls.ts'
import { explainClaim } from './explain-claim.ts'
import { oneLine } from './one-line.ts'
import type { StatusView } from './read-view.ts'

const WORDS = ['OK', 'WARNING', 'CRITICAL'] as const

/** The plugin format of Nagios: one line with performance data, then one line for each thing that wants a person. */
export const formatNagios = (view: StatusView, claim: Claim, exit: 0 | 1 | 2): string => {
  const proved = view.children.filter(({ proof }) => proof === 'proved').length
  const wanted = view.children.filter(({ proof }) => proof !== 'unwanted').length
  const { attention } = view
  const figures = [
    `proved=${proved};;;0;${wanted}`,
    `survivors=${view.survivors.length}`,
    `active=${view.facts.active}`,
    `waiting=${view.facts.waiting}`,
    `attention=${attention.length}`,
  ]
  const about = view.run === null ? explainClaim(view) : view.run.id
  const walls = view.status === null ? '' : ` (${describeWalls(view.status)})`
  const lines = [
    // A bar would end the text and begin the figures.
    `OC-SUPERVISE ${WORDS[exit]} - ${claim}: ${about}${walls}`.replaceAll('|', '/'),
    ...attention.map(({ kind, subject, reason, action }) => `${kind} ${subject}: ${reason} -> ${action}`),
  ].map(oneLine)
  return `${lines[0]} | ${figures.join(' ')}\n${lines
    .slice(1)
    .map((line) => `${line.replaceAll('|', '/')}\n`)
    .join('')}`
}
