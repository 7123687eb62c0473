import type { ReviewContext } from '../../../machines/durable/review-context.ts'
import type { TaskContext } from '../../../machines/durable/task-context.ts'
import { canonicalJson } from '../../contracts/canonical-json.ts'
import type { JsonValue } from '../../contracts/json.ts'
import type { Proposal } from '../../contracts/planning.ts'
import { subjectHash } from '../../gates/subject-hash.ts'
import { systemClock } from '../../platform/clock.ts'
import { sha256 } from '../../platform/sha256.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { whoConsumes } from '../look/who-consumes.ts'
import { type System, withSystem } from '../look/with-system.ts'
import { isoTime, relative } from '../print/format-time.ts'
import { paint } from '../print/paint.ts'
import type { Answer } from '../print/print-answer.ts'
import { formatFacts } from '../print/print-table.ts'
import { manyLines, oneLine } from '../print/visible.ts'
import { contextOf } from '../run/actor-standing.ts'
import { gateJson } from './gate-json.ts'
import { type GateDiff, readDiff } from './read-diff.ts'
import { askedBy, closedBy, expiryMs, findGate, type StoredGate, sentDecision } from './stored-gate.ts'

/** What the gate is about, as far as it is on this disk. */
interface Content {
  readonly title: string | null
  readonly diff: GateDiff | null
  readonly proposal: { readonly value: Proposal; readonly isBound: boolean } | null
}

/** `gate show`: everything a person needs to decide, and the hash that the decision will be bound to. */
export const showGate = (id: string, options: StateOptions): Promise<Answer> =>
  withSystem(options, async (system) => {
    const gate = await findGate(system.store, id)
    const content = await readContent(system, gate)
    return {
      json: { ...gateJson(gate), ...content },
      text: textOf(gate, content, whoConsumes(system.layout, 'supervisor').message),
    }
  })

const readContent = async ({ layout, store }: System, { opening }: StoredGate): Promise<Content> => {
  const { subject, replyTo } = opening
  const asker = await store.loadActor(replyTo.actor)
  if (subject.kind === 'merge') {
    if (asker?.machine !== 'review') return { title: null, diff: null, proposal: null }
    const review = contextOf<ReviewContext>(asker)
    return { title: review.pull.title, diff: await readDiff(layout, subject, review), proposal: null }
  }
  if (asker?.machine !== 'task') return { title: null, diff: null, proposal: null }
  const { spec, proposal } = contextOf<TaskContext>(asker)
  if (proposal === null) return { title: spec.title, diff: null, proposal: null }
  const isBound = sha256(canonicalJson(proposal as unknown as JsonValue)) === subject.proposalHash
  return { title: spec.title, diff: null, proposal: { value: proposal, isBound } }
}

const textOf = (gate: StoredGate, content: Content, consumer: string): string => {
  const { row, opening, context } = gate
  const nowMs = systemClock.wallMs()
  const closed = closedBy(gate)
  const sent = sentDecision(gate)
  const last = context.refusals.at(-1)
  const names = opening.operators.map(({ name }) => name).join(', ') || 'anybody'
  const facts = formatFacts([
    ['asks', askedBy(gate)],
    ['title', content.title],
    ['asked by', opening.replyTo.actor],
    ['why', opening.reasons.map(oneLine).join('\n')],
    [
      'operators',
      `${names} (${opening.signing === 'required' ? 'signed decisions only' : 'unsigned decisions count too'})`,
    ],
    ['opened', isoTime(opening.openedAtMs)],
    ['expires', `${isoTime(expiryMs(gate))} (${relative(nowMs, expiryMs(gate))})`],
    ['subject', canonicalJson(opening.subject)],
    ['hash', subjectHash(opening.subject)],
    ['waiting', context.waiting.length === 0 ? null : `${context.waiting.length} decisions to be verified`],
    [
      'refused',
      last === undefined ? null : `${context.refused} so far; the last, by ${last.by}: ${last.reason}`,
    ],
    ['note', context.decided === null ? null : context.decided.decision.note],
  ])
  const decided = closed ?? sent
  const state = decided === null ? paint('open', 'yellow') : paint(oneLine(decided), 'cyan')
  const parts = [`${row.id}: ${state}\n${facts}`, contentOf(gate, content)]
  if (closed === null) parts.push(sent === null ? actionsOf(gate) : `Nothing to decide: ${consumer}.`)
  return parts.filter((part) => part !== '').join('\n\n')
}

const contentOf = ({ opening }: StoredGate, { diff, proposal }: Content): string => {
  if (opening.subject.kind === 'start') return proposalText(proposal)
  if (diff === null) {
    return paint(
      'The diff cannot be read here: neither evidence nor mirror has it. Look at the pull request.',
      'red',
    )
  }
  const bound = diff.isBound
    ? `The change that the decision is bound to (${oneLine(diff.source)}):`
    : paint(
        `NOT the change that the decision is bound to (${oneLine(diff.source)}); its patch id is another one:`,
        'red',
      )
  return `${bound}\n\n${paintDiff(manyLines(diff.text.trimEnd()))}`
}

const proposalText = (proposal: Content['proposal']): string => {
  if (proposal === null) return paint('The proposal cannot be read here.', 'red')
  const { title, goal, constraints, type, risk, allowedPaths, checks, baseBranch, manifestHash } =
    proposal.value
  const bound = proposal.isBound
    ? 'The proposal that the decision is bound to:'
    : paint('NOT the proposal that the decision is bound to; its hash is another one:', 'red')
  const facts = formatFacts([
    ['title', title],
    ['goal', goal],
    ['constraints', constraints],
    ['type', `${type}, risk ${risk}`],
    ['base', baseBranch],
    ['paths', allowedPaths.join('\n') || 'any'],
    ['checks', checks.join('\n') || 'none'],
    ['manifest', manifestHash],
  ])
  return `${bound}\n\n${facts}`
}

const DIFF_COLOURS = { '+': 'green', '-': 'red', '@': 'cyan' } as const

const paintDiff = (text: string): string =>
  text
    .split('\n')
    .map((line) => paint(line, DIFF_COLOURS[line[0] as keyof typeof DIFF_COLOURS] ?? null))
    .join('\n')

const actionsOf = ({ row, opening }: StoredGate): string => {
  const by = opening.operators[0]?.name ?? 'NAME'
  const key = opening.signing === 'required' ? ' --key FILE' : ''
  const line = (verb: string): string => `  oc-supervise gate ${verb} ${row.id} --by ${by} --note TEXT${key}`
  return `Decide:\n${line('approve')}\n${line('reject')}`
}
