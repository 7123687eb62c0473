import type { TimerRow } from '../../contracts/store.ts'
import { systemClock } from '../../platform/clock.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { describeMachine } from '../docs/describe-machine.ts'
import { timerOf } from '../explain/describe-event.ts'
import { type System, withSystem } from '../look/with-system.ts'
import { isoTime, relative } from '../print/format-time.ts'
import { paint } from '../print/paint.ts'
import type { Answer } from '../print/print-answer.ts'
import { formatFacts } from '../print/print-table.ts'
import { quoted } from '../print/visible.ts'
import { UsageError } from '../report-error.ts'
import { stateOf } from '../run/actor-standing.ts'
import { drawMachine } from './draw-machine.ts'
import { findMachine, type KnownMachine } from './known-machines.ts'
import { traceActor } from './trace-actor.ts'

/** `machine show`: a machine's chart, or an actor's with where it is and was. @throws UsageError for what is neither. */
export const showMachine = (subject: string, options: StateOptions): Promise<Answer> =>
  ACTOR_ID.test(subject)
    ? withSystem(options, (system) => showActor(system, subject))
    : Promise.resolve(showChart(findMachine(subject)))

const ACTOR_ID = /^(task|review|gate)-/

const showChart = (known: KnownMachine): Answer => {
  const { kind, version, about } = known
  const chart = describeMachine(known.machine)
  return {
    json: { kind, version, about, ...chart, name: known.name },
    text: `${headOf(known)}\n${about}\n\n${drawMachine(chart, null)}`,
  }
}

const showActor = async ({ store }: System, id: string): Promise<Answer> => {
  const row = await store.loadActor(id)
  if (row === null) {
    throw new UsageError(
      `no actor ${quoted(id)}: a task becomes one when it is claimed; \`oc-supervise task list\` and \`oc-supervise gate list\` show what is there`,
    )
  }
  const known = findMachine(row.machine)
  const chart = describeMachine(known.machine)
  const traces = traceActor((row.snapshot as { value: string }).value, await store.readStream(id, 1, row.seq))
  const timers = (await store.pendingTimers(id))
    .toSorted((a, b) => a.due.wallMs - b.due.wallMs)
    .map(timerFacts)
  const effects = (await store.unfinishedEffects(id)).map(({ id: effect, name }) => ({ id: effect, name }))
  const facts = formatFacts([
    ['state', { text: stateOf(row), colour: 'green' }],
    ['status', row.status],
    ['events', `${row.seq}`],
    ['version', row.machineVersion === known.version ? null : `stored by version ${row.machineVersion}`],
    ['timers', timers.length === 0 ? 'none' : timers.map(timerText).join('\n')],
    ['effects', effects.length === 0 ? 'none' : effects.map(({ name, id }) => `${name} (${id})`).join('\n')],
  ])
  return {
    json: {
      id,
      machine: row.machine,
      version: row.machineVersion,
      state: stateOf(row),
      status: row.status,
      events: row.seq,
      entered: Object.fromEntries(traces.entered),
      timers,
      effects,
      chart,
    },
    text: `${id}: ${headOf(known)}\n${facts}\n\n${drawMachine(chart, traces)}`,
  }
}

const headOf = ({ name, kind, version }: KnownMachine): string =>
  `machine ${paint(name, 'bold')}, ${kind}${version === null ? '' : `, version ${version}`}`

interface TimerFacts {
  readonly id: string
  readonly name: string
  readonly due: string
}

const timerFacts = ({ id, event, due }: TimerRow): TimerFacts => ({
  id,
  name: timerOf(event.type) ?? event.type,
  due: isoTime(due.wallMs),
})

const timerText = ({ name, due }: TimerFacts): string =>
  `${name} due ${due} (${relative(systemClock.wallMs(), Date.parse(due))})`
