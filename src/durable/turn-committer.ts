import type { Owner } from '../contracts/store.ts'
import type { EffectRunner } from './effect-runner.ts'
import type { HeldActors } from './held-actors.ts'
import type { Turn } from './host.ts'
import type { HostReport } from './host-report.ts'
import type { Store } from './store.ts'
import type { PreparedTurn } from './take-turn.ts'

/**
 * Commits prepared turns and then, only then, lets them have their effects. Answers false on a conflict: nothing was
 * written, and the actor is loaded again (`version`) or not ours any more (`lease`).
 */
export const createTurnCommitter = (options: {
  readonly store: Store
  readonly owner: Owner
  readonly queue: string
  readonly held: HeldActors
  readonly runner: EffectRunner
  readonly lose: (actor: string, reason: string) => void
  readonly wake: (queue: string) => void
  readonly onTurn: (turn: Turn) => void
  readonly report: (report: HostReport) => void
}): ((turn: PreparedTurn) => Promise<boolean>) => {
  const { store, owner, held, runner } = options

  return async ({ commit, after, refused }) => {
    const token = held.tokenOf(commit.actor)
    if (token === null) return false
    const result = await store.commit({ ...commit, token, owner: owner.incarnation })
    if (!result.ok) {
      held.forget(commit.actor)
      if (result.reason === 'lease') options.lose(commit.actor, 'a commit found the lease taken over')
      return false
    }
    held.keep(after)
    for (const id of commit.cancelEffects) runner.cancel(id, 'cancelled')
    for (const effect of commit.newEffects) runner.start(effect, token, false)
    for (const queue of new Set(commit.sends.map((row) => row.queue))) options.wake(queue)
    tell(options, { commit, after, refused })
    if (after.status === 'done' && after.effects.length === 0) await held.release(commit.actor)
    return true
  }
}

const tell = (
  options: { onTurn: (turn: Turn) => void; report: (report: HostReport) => void },
  { commit, after, refused }: PreparedTurn,
): void => {
  const { actor, machine, event } = commit
  options.onTurn({
    actor,
    machine,
    seq: after.seq,
    event: event.type,
    status: after.status,
    value: after.snapshot.value,
  })
  if (refused !== null)
    options.report({ kind: 'refused', actor, subject: event.type, reason: `event ${event.type}: ${refused}` })
}
