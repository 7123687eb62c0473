import { DURABLE_MACHINES } from '../../../machines/durable/registry.ts'
import type { Owner } from '../../contracts/store.ts'
import { defineMachine } from '../../durable/define-machine.ts'
import type { EffectDefinition } from '../../durable/effect.ts'
import { createHost } from '../../durable/host.ts'
import type { Store } from '../../durable/store.ts'
import { verifyDecisionEffect } from '../../effects/verify-decision.ts'
import { verifyDecision } from '../../gates/verify-decision.ts'
import type { Clock } from '../../platform/clock.ts'
import { ageMs } from '../../platform/instant-math.ts'
import { ringDoorbell } from '../../platform/ring-doorbell.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { reapEffects } from '../compose/reap-effects.ts'

const QUEUE = 'supervisor'
const STOP_GRACE_MS = 2_000

/** The actors that no lane holds: gates. The supervisor advances them between its looks at the tree. */
export const createSupervisorQueue = (ports: {
  readonly store: Store
  readonly owner: Owner
  readonly layout: StateLayout
  readonly clock: Clock
  readonly ring: () => void
  /** A gate has ended. */
  readonly onDecided: () => Promise<void>
}) => {
  const { store, owner, layout, clock } = ports
  let decided = false
  let hasRecovered = false
  const host = createHost({
    store,
    owner,
    queue: QUEUE,
    machines: [defineMachine(DURABLE_MACHINES.gate)],
    effects: [verifyDecisionEffect({ verifyDecision })] as unknown as EffectDefinition[],
    clock,
    wake: (queue) => (queue === QUEUE ? ports.ring() : ringDoorbell(layout.doorbell(queue))),
    onTurn: (turn) => {
      decided ||= turn.status === 'done'
    },
    report: ({ kind, actor, reason }) => process.stderr.write(`oc-supervise: ${actor}: ${kind}: ${reason}\n`),
    reap: (dead) => reapEffects(layout.registrations, dead.incarnation),
  })
  return {
    /** Does all there is to do now, first of all what earlier lives left. @returns in how many ms the next timer comes due. */
    work: async (): Promise<number> => {
      if (!hasRecovered) await host.recover()
      hasRecovered = true
      for (;;) {
        const step = await host.step()
        if (step.worked) continue
        if (decided) {
          decided = false
          await ports.onDecided()
        }
        return step.nextTimer === null ? Number.POSITIVE_INFINITY : ageMs(step.nextTimer, clock.now())
      }
    },
    stop: () => host.stop({ graceMs: STOP_GRACE_MS }),
  }
}
