import type { Attention, ChildRecord } from '../src/contracts/status.ts'
import { plusMs } from '../src/platform/instant-math.ts'
import type { ChildShell } from './child-shell.ts'
import { actionFor } from './recovery/doctor-table.ts'
import type { Tree } from './tree.ts'

/** What status.json says of one child: facts as last known, proved again by whoever reads them. */
export const childRecord = (tree: Tree, shell: ChildShell): ChildRecord => {
  const { spec, context, life } = shell
  const now = tree.clock.now()
  return {
    id: shell.id,
    role: tree.roleOf(spec),
    group: spec.group,
    wanted: context.wanted,
    state: shell.state,
    liveness: spec.liveness,
    incarnation: life?.process.intent.incarnation ?? null,
    identity: life?.process.identity ?? null,
    heartbeatStaleAfterMs: spec.heartbeat.staleAfterMs,
    provedAt: life?.probe?.provedAt ?? null,
    restarts: context.restarts,
    nextAt: context.dueMonoMs === null ? null : plusMs(now, context.dueMonoMs - now.monoMs),
    reason: reasonOf(tree, shell),
  }
}

/** The line a person gets for a quarantined child; null for every other. */
export const childAttention = (shell: ChildShell): Attention | null => {
  if (shell.state !== 'quarantined') return null
  const diagnosis = shell.gaveUp?.diagnosis ?? null
  return {
    kind: 'quarantine',
    subject: shell.id,
    reason: [shell.context.reason, diagnosis?.sentence].filter(Boolean).join(': '),
    action: actionFor(diagnosis?.class ?? 'unknown', shell.id),
  }
}

/** A child that could start but may not says for whom it waits. */
const reasonOf = (tree: Tree, { id, state, context }: ChildShell): string => {
  const waits = (state === 'absent' || state === 'backingOff') && context.wanted === 'up'
  const blocker = waits ? tree.blockerOf(id) : null
  return blocker === null ? context.reason : `waits for ${blocker}`
}
