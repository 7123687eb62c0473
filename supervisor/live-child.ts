import { type Actor, createActor } from 'xstate'
import { childMachine, childStateOf } from '../machines/live/child.machine.ts'
import type { ChildContext } from '../machines/live/child-events.ts'
import type { ChildSpec } from '../src/contracts/child-spec.ts'
import type { ChildState } from '../src/contracts/status.ts'
import type { ChildLife } from './child-life.ts'
import type { ExitDecision } from './decide/decide-exit.ts'
import type { Diagnosis } from './recovery/diagnosis.ts'
import type { Ladder } from './recovery/ladder.ts'
import type { Tree } from './tree.ts'

/** Why a child is in quarantine, for people. */
export interface GaveUp {
  readonly reason: string
  readonly diagnosis: Diagnosis | null
}

/** One child as those who carry out its intents share it: its machine, and the facts that belong to no state. */
export interface LiveChild {
  readonly tree: Tree
  readonly id: string
  readonly actor: Actor<typeof childMachine>
  /** The spec of its present life, and the one its next life gets. */
  spec: ChildSpec
  nextSpec: ChildSpec
  /** Its present process; null while none lives or is known yet. */
  life: ChildLife | null
  /** Was ready once since we watch it. */
  wasUp: boolean
  /** Its last end needed SIGKILL. */
  wasForced: boolean
  /** The sibling whose death takes it down, and whom it waits for; null for nobody. */
  takenDownBy: string | null
  /** What was decided about its last exit. */
  lastExit: ExitDecision | null
  gaveUp: GaveUp | null
  ladder: Ladder | null
  readonly state: ChildState
  readonly context: ChildContext
}

/** A child that has not begun. Its actor is not started yet. */
export const createLiveChild = (tree: Tree, spec: ChildSpec): LiveChild => {
  const actor = createActor(childMachine, { input: { child: spec.id } })
  return {
    tree,
    id: spec.id,
    actor,
    spec,
    nextSpec: spec,
    life: null,
    wasUp: false,
    wasForced: false,
    takenDownBy: null,
    lastExit: null,
    gaveUp: null,
    ladder: null,
    get state() {
      return childStateOf(actor.getSnapshot())
    },
    get context() {
      return actor.getSnapshot().context
    },
  }
}
