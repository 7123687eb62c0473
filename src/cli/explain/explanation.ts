import { systemClock } from '../../platform/clock.ts'
import { relative } from '../print/format-time.ts'
import { paint } from '../print/paint.ts'
import type { Answer } from '../print/print-answer.ts'
import { type Cell, formatFacts } from '../print/print-table.ts'
import { oneLine } from '../print/visible.ts'
import type { GuardAnswer } from './replay-actor.ts'

/** One journaled event, told. Times are UTC in ISO 8601. */
export interface ToldEvent {
  readonly seq: number
  readonly type: string
  readonly what: string
  readonly at: string
  readonly from: string
  readonly guards: readonly GuardAnswer[]
}

/** Why something is as it is. What does not apply is null or empty. */
export interface Explanation {
  readonly id: string
  readonly kind: 'task' | 'review' | 'gate' | 'run' | 'attempt' | 'child'
  readonly state: string
  /** What that state means. */
  readonly about: string | null
  readonly because: readonly string[]
  /** The end of what the failure goes back on: a check's output, an agent's errors. */
  readonly excerpt: string | null
  readonly led: ToldEvent | null
  /** The last event since then that changed nothing. */
  readonly ignored: ToldEvent | null
  readonly refused: (Omit<ToldEvent, 'guards'> & { readonly reason: string }) | null
  /** Effects under way. */
  readonly working: readonly string[]
  readonly holder: string | null
  readonly next: { readonly what: string; readonly at: string } | null
  readonly action: string
}

export const NO_EVENTS = {
  excerpt: null,
  led: null,
  ignored: null,
  refused: null,
  working: [],
  holder: null,
  next: null,
} as const

/** An explanation for people, and as the one object of `--json`. */
export const explanationAnswer = (explanation: Explanation): Answer => {
  const { id, state, about, because, excerpt, led, ignored, refused, working, holder, next, action } =
    explanation
  const facts = formatFacts([
    ['means', about],
    ['because', because.length === 0 ? null : because.map(oneLine).join('\n')],
    ['excerpt', excerpt === null ? null : endOf(excerpt)],
    ['led by', led === null ? null : toldText(led)],
    ['guards', led === null ? null : guardsText(led.guards)],
    ['then', ignored === null ? null : `${toldText(ignored)}, which changed nothing`],
    ['guards', ignored === null ? null : guardsText(ignored.guards)],
    [
      'refused',
      refused === null
        ? null
        : `${refused.what} (event ${refused.seq}, ${ago(refused.at)}): ${refused.reason}`,
    ],
    ['working', working.length === 0 ? null : working.join(', ')],
    ['held by', holder],
    ['next step', next === null ? null : `${next.what} at ${next.at} (${ago(next.at)})`],
    ['action', { text: action, colour: 'bold' } satisfies Cell],
  ])
  return { json: explanation, text: `${oneLine(id)}: ${paint(oneLine(state), 'cyan')}\n${facts}` }
}

const EXCERPT_LINES = 15

const endOf = (text: string): string => text.trimEnd().split('\n').slice(-EXCERPT_LINES).join('\n')

const toldText = ({ what, seq, at, from }: ToldEvent): string =>
  `${oneLine(what)} (event ${seq}, ${ago(at)})${from === '' ? '' : ` in state ${from}`}`

const guardsText = (guards: readonly GuardAnswer[]): string | null => {
  const said = (answer: boolean): string =>
    [...new Set(guards.filter((each) => each.answer === answer).map(({ guard }) => guard))].join(', ')
  const no = said(false)
  const yes = said(true)
  return [...(no === '' ? [] : [`no: ${no}`]), ...(yes === '' ? [] : [`yes: ${yes}`])].join('\n') || null
}

const ago = (iso: string): string => relative(systemClock.wallMs(), Date.parse(iso))
