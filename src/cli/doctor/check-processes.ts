import { isProvedDead } from '../../../supervisor/keeper/is-proved-dead.ts'
import { readLockOwner } from '../../../supervisor/supervisor-lock.ts'
import type { ProcessRegistration } from '../../contracts/registration.ts'
import { scanProcesses } from '../../platform/process-family.ts'
import { proveIdentity } from '../../platform/process-identity.ts'
import { readRegistrations } from '../../platform/registrations.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { attention, type Check, note, ok } from './check.ts'

/** What is known of the supervisor of a state folder. */
export type SupervisorProof = 'alive' | 'unproven' | 'none'

/** Whether a supervisor answers for this state; its word is not taken, its process is looked at. */
export const proveSupervisor = (layout: StateLayout): { proof: SupervisorProof; check: Check } => {
  const owner = readLockOwner(layout)
  if (owner === null) return { proof: 'none', check: ok('supervisor', 'none runs here') }
  const { pid } = owner.identity
  const proof = proveIdentity(owner.identity)
  if (isProvedDead(proof)) {
    const says = `pid ${pid} is dead and recorded no clean stop`
    return { proof: 'none', check: note('supervisor', says, 'oc-supervise run resumes') }
  }
  if (proof.proof === 'alive') return { proof: 'alive', check: ok('supervisor', `runs, pid ${pid}`) }
  const says = `pid ${pid} ${proof.proof === 'halted' ? 'is stopped' : 'cannot be proved alive'}`
  return {
    proof: 'unproven',
    check: attention('supervisor', says, `kill -CONT ${pid}; if it stays, kill -9 ${pid} and run again`),
  }
}

/** Processes that were registered here and that nobody answers for any more. */
export const checkProcesses = (layout: StateLayout, supervisor: SupervisorProof): Check => {
  if (supervisor !== 'none') return ok('processes', 'the supervisor answers for them')
  const registered = readOrSay(layout.registrations)
  if (typeof registered === 'string')
    return attention(
      'processes',
      registered,
      'find out whether the process it names still runs, then remove it',
    )
  const survivors = registered.filter(isThere)
  const lost = lostOf(registered.filter((registration) => !isThere(registration)))
  if (survivors.length + lost.length === 0) return ok('processes', 'none is left over')
  const names = [
    ...survivors.map(({ intent, identity }) => `${intent.role} ${intent.subject} (pid ${identity?.pid})`),
    ...lost.map(({ subject, pids }) => `what ${subject} left (pid ${pids.join(' ')})`),
  ]
  return attention(
    'processes',
    `without a supervisor: ${names.slice(0, NAMED).join(', ')}${names.length > NAMED ? ` and ${names.length - NAMED} more` : ''}`,
    survivors.length > 0
      ? 'oc-supervise run takes them over; kept agents work on meanwhile'
      : 'oc-supervise doctor --fix-safe ends what lanes and services left, oc-supervise run all of it',
  )
}

const NAMED = 5

const isThere = ({ identity }: ProcessRegistration): boolean =>
  identity !== null && !isProvedDead(proveIdentity(identity))

/** What carries the mark of a process that is gone; one look at all processes tells for all of them. */
const lostOf = (gone: readonly ProcessRegistration[]): { subject: string; pids: number[] }[] => {
  if (gone.length === 0) return []
  const pidsOf = new Map<string, number[]>()
  const { entries, marksOf } = scanProcesses()
  for (const [pid, mark] of marksOf(entries)) {
    pidsOf.set(mark, [...(pidsOf.get(mark) ?? []), pid])
  }
  return gone.flatMap(({ intent }) => {
    const pids = pidsOf.get(intent.mark) ?? []
    return pids.length === 0 ? [] : [{ subject: `${intent.role} ${intent.subject}`, pids }]
  })
}

/** All registrations, or what stands in the way of reading them. */
const readOrSay = (dir: string): ProcessRegistration[] | string => {
  try {
    return readRegistrations(dir)
  } catch (error) {
    return (error as Error).message
  }
}
