import type { LaneName } from '../../contracts/lane-name.ts'
import { createHost, type Host, type HostOptions } from '../../durable/host.ts'
import { laneMachines } from '../compose/durable-machines.ts'
import { reapEffects } from '../compose/reap-effects.ts'
import { type EffectParts, taskEffects } from '../compose/task-effects.ts'

/**
 * The host of one lane with everything that its work needs: machines, agents, checks, forge. A lane loads this file
 * behind its first turn.
 * @throws ProfileError
 */
export const createLaneHost = (
  parts: EffectParts & Pick<HostOptions, 'wake' | 'onTurn' | 'report'> & { readonly lane: LaneName },
): Host =>
  createHost({
    ...parts,
    queue: parts.lane,
    machines: laneMachines(parts.lane),
    effects: taskEffects(parts),
    reap: (dead) => reapEffects(parts.layout.registrations, dead.incarnation),
  })
