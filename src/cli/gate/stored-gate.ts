import type { GateContext } from '../../../machines/durable/gate-context.ts'
import { GateDecision, GateOpening } from '../../contracts/gate.ts'
import { GateId } from '../../contracts/ids.ts'
import type { ActorRow } from '../../contracts/store.ts'
import type { Store } from '../../durable/store.ts'
import { allActors } from '../look/all-actors.ts'
import { quoted } from '../print/visible.ts'
import { RefusedError, UsageError } from '../report-error.ts'
import { contextOf, stateOf } from '../run/actor-standing.ts'

/** A gate as the journal holds it. */
export interface StoredGate {
  readonly row: ActorRow
  /** `undecided.open`, `approved` … */
  readonly state: string
  readonly opening: GateOpening
  readonly context: GateContext
  /** A decision that was left for it and that nobody has taken up yet: it waits for a run. */
  readonly sent: GateDecision['statement'] | null
}

/** Every gate that still takes a decision, in the order of their ids. */
export const openGates = async (store: Store): Promise<StoredGate[]> => {
  const gates: StoredGate[] = []
  // A gate at which something went wrong (`refused`) is as open as any other.
  for (const status of ['active', 'refused'] as const)
    for await (const row of allActors(store, { machine: 'gate', status }))
      gates.push(await readGate(store, row))
  return gates.sort((a, b) => (a.row.id < b.row.id ? -1 : 1))
}

/**
 * One gate, open or decided.
 * @throws UsageError where there is none.
 */
export const findGate = async (store: Store, id: string): Promise<StoredGate> => {
  const row = GateId.safeParse(id).success ? await store.loadActor(id) : null
  if (row?.machine !== 'gate') {
    throw new UsageError(`no gate ${quoted(id)}; \`oc-supervise gate list\` shows the open ones`)
  }
  return readGate(store, row)
}

/** The words for what a gate asks. */
export const askedBy = ({ opening: { subject } }: StoredGate): string =>
  subject.kind === 'merge'
    ? `merge ${subject.pullId} into ${subject.baseBranch} of ${subject.repo}`
    : `start ${subject.taskId} in ${subject.repo}`

/** When a gate stops taking decisions, UTC milliseconds. */
export const expiryMs = ({ opening }: StoredGate): number => opening.openedAtMs + opening.expiresAfterMs

/** How a closed gate was closed; null while it takes decisions. */
export const closedBy = ({ row, state, context }: StoredGate): string | null => {
  if (row.status !== 'done') return null
  return context.decided === null ? state : `${state} by ${context.decided.decision.statement.by}`
}

/** Its decision in words where one was left for it; null where none was, or the gate has taken it. */
export const sentDecision = ({ sent }: StoredGate): string | null =>
  sent === null ? null : `${sent.decision} by ${sent.by}`

const readGate = async (store: Store, row: ActorRow): Promise<StoredGate> => {
  const context = contextOf<GateContext>(row)
  const opening = GateOpening.safeParse(context.opening)
  const sent = (await store.waitingEvents(row))
    .map(({ event }) => GateDecision.safeParse(event.decision))
    .find(({ success }) => success)?.data?.statement
  if (opening.success) return { row, state: stateOf(row), opening: opening.data, context, sent: sent ?? null }
  throw new RefusedError(
    'gate_unreadable',
    `${row.id} is stored in a form this version cannot read; see \`oc-supervise verify\``,
  )
}
