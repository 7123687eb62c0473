import type { AnyStateMachine } from 'xstate'
import type { ActorRow, TimerRow } from '../../contracts/store.ts'
import { JANITOR_STREAM, JOURNAL_CUT, JournalCut } from '../../durable/journal-cut.ts'
import type { Store } from '../../durable/store.ts'
import { proveIdentity } from '../../platform/process-identity.ts'
import { durableMachines } from '../compose/durable-machines.ts'
import { untakenOf } from '../look/untaken-of.ts'
import type { System } from '../look/with-system.ts'
import { isoTime } from '../print/format-time.ts'
import { standingOf, stateOf } from '../run/actor-standing.ts'
import { advise } from './advise.ts'
import { describeEvent, timerOf } from './describe-event.ts'
import type { Explanation, ToldEvent } from './explanation.ts'
import { replayActor, type Step } from './replay-actor.ts'

/** Explains a task, review or gate that is an actor. */
export const explainActor = async (system: System, row: ActorRow): Promise<Explanation> => {
  const { store } = system
  const machine = durableMachines().find(({ name }) => name === row.machine)?.machine ?? null
  const events = await store.readStream(row.id, 1)
  const story = machine === null ? null : replayActor(machine, events)
  const effects = await store.unfinishedEffects(row.id)
  const holder = await holderOf(store, row)
  const { because, excerpt, action } = advise(row)
  const untaken = await untakenOf(system, row)
  const reasons = untaken === null ? because : [...because, `${untaken.what}, which nobody has taken up yet`]
  const state = stateOf(row)
  return {
    id: row.id,
    kind: row.machine as Explanation['kind'],
    state: row.status === 'refused' ? `${state} (an event was refused)` : state,
    about: machine === null ? null : descriptionOf(machine, state),
    because: events.length > 0 ? reasons : [...reasons, ...(await archiveOf(store, row.id))],
    excerpt: excerpt ?? null,
    led: told(story?.led ?? null),
    ignored: told(story?.ignored ?? null),
    refused: refusedOf(story?.refused ?? null),
    working: effects.map(({ name }) => name),
    holder: holder.text,
    next: nextTimer(await store.pendingTimers(row.id)),
    action: untaken?.who ?? action ?? (holder.isThere ? 'Nothing: it goes on by itself.' : START),
  }
}

/** Where the history is that is not here any more. */
const archiveOf = async (store: Store, actor: string): Promise<string[]> =>
  (await store.readStream(JANITOR_STREAM, 1)).flatMap(({ type, data }) => {
    const cut = type === JOURNAL_CUT ? JournalCut.safeParse(data) : null
    return cut?.success === true && cut.data.streams.some(({ stream }) => stream === actor)
      ? [`its history lies in archive/${cut.data.file}`]
      : []
  })

const START = 'Nobody is there to go on with it; start it: oc-supervise run'

const told = (step: Step | null): ToldEvent | null =>
  step === null ? null : { ...toldCore(step), guards: step.guards }

const toldCore = ({ seq, event, from }: Step) => ({
  seq,
  type: event.type,
  what: describeEvent(event),
  at: isoTime(event.at.wallMs),
  from: stateOf({ snapshot: { value: from } } as unknown as ActorRow),
})

const refusedOf = (step: Step | null): Explanation['refused'] =>
  step === null ? null : { ...toldCore(step), reason: step.refused ?? '' }

/** The state's own description, in the machine. */
const descriptionOf = (machine: AnyStateMachine, state: string): string | null => {
  let node: { states: Record<string, unknown>; description?: string | undefined } | undefined = machine.root
  let description: string | null = null
  for (const key of state.split('.')) {
    node = node?.states[key] as typeof node
    description = node?.description ?? description
  }
  return description
}

const nextTimer = (timers: readonly TimerRow[]): Explanation['next'] => {
  const [first] = timers.toSorted((a, b) => a.due.wallMs - b.due.wallMs)
  return first === undefined
    ? null
    : { what: `timer ${timerOf(first.event.type) ?? first.event.type}`, at: isoTime(first.due.wallMs) }
}

/** Who may advance it now. What is over or waits for others needs nobody. */
const holderOf = async (store: Store, row: ActorRow): Promise<{ text: string | null; isThere: boolean }> => {
  if (row.status === 'done') return { text: null, isThere: true }
  const lease = await store.leaseOf(row.id)
  const isNeeded = standingOf(row) === 'moving'
  if (lease === null) return { text: `nobody (queue ${row.queue})`, isThere: !isNeeded }
  const { incarnation, identity } = lease.owner
  const { proof } = proveIdentity(identity)
  const words = { alive: 'alive', halted: 'stopped', gone: 'dead', unknown: 'unproven' }[proof]
  return {
    text: `${incarnation}, pid ${identity.pid}, ${words} (queue ${row.queue})`,
    isThere: proof === 'alive' || !isNeeded,
  }
}
