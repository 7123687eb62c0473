import { createActor } from 'xstate'
import { type RecoveryEvent, recoveryMachine } from '../../machines/live/recovery.machine.ts'
import type { Clock } from '../../src/platform/clock.ts'
import type { ReportInput } from '../report-log.ts'
import type { Diagnosis } from './diagnosis.ts'
import { doctor } from './doctor.ts'
import { remedyFor } from './doctor-table.ts'
import type { FixScope } from './fixes.ts'
import { resume } from './resume.ts'

/** The recovery ladder of one child: its machine, and what carries out its intents. */
export interface Ladder {
  send(event: RecoveryEvent): void
  readonly state: string
  close(): void
}

/** What the ladder is lent by the child it belongs to. */
export interface LadderPorts {
  readonly child: string
  readonly limits: { readonly max: number; readonly withinMs: number }
  readonly clock: Clock
  readonly report: (input: ReportInput) => void
  /** Reads what is wrong, and reports it. */
  readonly diagnose: () => Diagnosis
  readonly scope: () => FixScope
  /** Ends the hung process; its exit leads to a restart within the limits. */
  readonly replace: (reason: string) => void
  /** Ends it too, but into quarantine, for a person. */
  readonly giveUp: (reason: string, diagnosis: Diagnosis | null) => void
}

/** How long the doctor may take, in ms: ending what a dead process left takes seconds at most. */
const DOCTOR_WITHIN_MS = 60_000

/** Creates a ladder at its foot. */
export const createLadder = (ports: LadderPorts): Ladder => {
  const actor = createActor(recoveryMachine, { input: { child: ports.child, ...ports.limits } })
  let found: Diagnosis | null = null
  let treatments = 0
  let forgetDeadline = (): void => {}

  actor.on('DIAGNOSE', () => {
    found = ports.diagnose()
    actor.send({
      type: 'DIAGNOSED',
      class: found.class,
      known: remedyFor(found.class) !== null,
      reason: found.sentence,
      nowMonoMs: ports.clock.monoMs(),
    })
  })
  actor.on('DOCTOR', () => void treat())
  actor.on('RESUME', () => {
    resume(found, ports)
    actor.send({ type: 'RESUMED' })
  })
  actor.on('GIVE_UP', ({ reason }) => ports.giveUp(reason, found))
  // An actor that errs is dead for good; without an observer it would take the process with it.
  actor.subscribe({ error: (error) => ports.giveUp(`the recovery itself failed: ${String(error)}`, found) })
  actor.start()

  const treat = async (): Promise<void> => {
    if (found === null) return
    const { class: diagnosed, sentence } = found
    const mine = ++treatments
    forgetDeadline()
    forgetDeadline = ports.clock.after(DOCTOR_WITHIN_MS, () => actor.send({ type: 'DOCTOR_OVERDUE' }))
    const treated = await doctor(diagnosed, ports.scope(), { dryRun: false })
    const isNewest = mine === treatments
    if (isNewest) forgetDeadline()
    const isLate = !isNewest || actor.getSnapshot().value !== 'doctoring'
    ports.report({
      context: 'doctored',
      child: ports.child,
      reason: sentence,
      decision: isLate ? 'nothing: it is too late' : treated.ok ? 'replace it' : 'ask a person',
      data: {
        fixes: treated.outcomes.map(({ fix, outcome, lines }) => ({ fix, outcome, lines: [...lines] })),
      },
    })
    if (!isLate) actor.send({ type: 'DOCTORED', ok: treated.ok, reason: sentence })
  }

  return {
    send: (event) => actor.send(event),
    get state() {
      return actor.getSnapshot().value
    },
    close: () => {
      forgetDeadline()
      actor.stop()
    },
  }
}
