import type { ChildSpec, GroupSpec } from '../src/contracts/child-spec.ts'
import { GroupSpec as GroupSchema } from '../src/contracts/child-spec.ts'
import { type ChildShell, createChildShell, isUp } from './child-shell.ts'
import type { Wanted } from './decide/decide-desired.ts'
import { type Neighbour, type Placed, startBlocker } from './decide/decide-order.ts'
import { decideStrategy } from './decide/decide-strategy.ts'
import type { Tree } from './tree.ts'

/** All children and their groups, as one ledger: who stands where, who blocks whom, who goes down with whom. */
export interface Children {
  readonly shells: ReadonlyMap<string, ChildShell>
  add(tree: Tree, spec: ChildSpec): ChildShell
  remove(id: string): void
  regroup(groups: readonly GroupSpec[]): void
  groupOf(spec: ChildSpec): GroupSpec
  placeOf(spec: ChildSpec): Placed
  membersOf(group: string): string[]
  blockerOf(id: string): string | null
  /** One look at every child that is worth one; answers when the next is, and how long it waits at the least. */
  look(wanted: (id: string) => Wanted, nowMs: number): { readonly dueMs: number; readonly closestMs: number }
  /** Takes down the siblings that the group's strategy names, right to left; the gate brings them back in order. */
  takeDownSiblings(id: string): Promise<void>
  /** Siblings that wait for this child to come back. */
  waitingWith(id: string): ChildShell[]
}

/** Creates an empty ledger. */
export const createChildren = (): Children => {
  const shells = new Map<string, ChildShell>()
  const groups = new Map<string, GroupSpec>()
  /** Going down with a sibling, though perhaps not told yet. */
  const goingDown = new Set<string>()

  const groupOf = (spec: ChildSpec): GroupSpec =>
    groups.get(spec.group) ?? GroupSchema.parse({ id: spec.group })
  const placeOf = (spec: ChildSpec): Placed => ({
    id: spec.id,
    group: spec.group,
    groupOrder: groupOf(spec).order,
    order: spec.order,
  })
  const inGroup = (group: string): ChildShell[] =>
    [...shells.values()].filter(({ spec }) => spec.group === group)
  const neighbour = (shell: ChildShell): Neighbour => ({
    ...placeOf(shell.spec),
    wanted: shell.context.wanted,
    up: shell.state === 'ready' || shell.state === 'suspect' || shell.state === 'finished',
    wasUp: shell.wasUp,
    stopping: shell.state === 'stopping' || goingDown.has(shell.id),
  })

  return {
    shells,
    add: (tree, spec) => {
      const shell = createChildShell(tree, spec)
      shells.set(spec.id, shell)
      return shell
    },
    remove: (id) => {
      shells.get(id)?.close()
      shells.delete(id)
    },
    regroup: (fresh) => {
      groups.clear()
      for (const group of fresh) groups.set(group.id, group)
    },
    groupOf,
    placeOf,
    membersOf: (group) => inGroup(group).map(({ id }) => id),
    blockerOf: (id) => {
      const shell = shells.get(id)
      if (shell === undefined) return null
      return startBlocker(
        placeOf(shell.spec),
        [...shells.values()].map(neighbour),
        groupOf(shell.spec).strategy,
      )
    },
    look: (wanted, nowMs) => {
      const all = [...shells.values()]
      for (const shell of all) {
        shell.want(wanted(shell.id))
        if (shell.life === null || shell.dueMs() <= nowMs + earlyMs(shell)) shell.look()
      }
      return {
        dueMs: Math.min(...all.map((shell) => shell.dueMs())),
        closestMs: closestMs(all),
      }
    },
    takeDownSiblings: async (id) => {
      const dead = shells.get(id)
      if (dead === undefined) return
      const living = inGroup(dead.spec.group).filter(isUp)
      const plan = decideStrategy(
        groupOf(dead.spec).strategy,
        placeOf(dead.spec),
        living.map(({ spec }) => placeOf(spec)),
      )
      for (const sibling of plan.stop.flat()) goingDown.add(sibling)
      const reason = `${id} failed, and its group goes down with it`
      for (const wave of plan.stop) {
        // Who came to its end before its turn has its verdict already.
        const going = wave.flatMap((sibling) => shells.get(sibling) ?? []).filter(isUp)
        for (const shell of going) shell.end('sibling', { force: false, reason, takenDownBy: id })
        await Promise.all(going.map((shell) => shell.whenDown()))
        for (const down of wave) goingDown.delete(down)
      }
    },
    waitingWith: (id) => {
      const shell = shells.get(id)
      if (shell === undefined || groupOf(shell.spec).strategy === 'one_for_one') return []
      return inGroup(shell.spec.group).filter((other) => other.id !== id && other.state === 'backingOff')
    },
  }
}

/**
 * How much too early a child may be looked at, in ms, when we look anyway: those that need no question draw together,
 * and soon share one look a second instead of having one each.
 */
const earlyMs = ({ spec }: ChildShell): number => (spec.liveness === 'identity' ? spec.probe.everyMs / 15 : 0)

/** States in which somebody waits for the next look. */
const EAGER: ReadonlySet<string> = new Set(['starting', 'running', 'suspect'])

const EAGER_MS = 2
const SHORTEST_MS = 50
const LONGEST_MS = 250

/**
 * How close two looks may be, in ms. While nobody waits, a twentieth of the shortest time a child is given for anything:
 * hundreds of children would else have a look each, and every look goes over all of them.
 */
const closestMs = (all: readonly ChildShell[]): number => {
  if (all.some(({ state }) => EAGER.has(state))) return EAGER_MS
  const given = all.map(({ spec }) => Math.min(spec.probe.answerWithinMs, spec.heartbeat.everyMs))
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, Math.min(...given) / 20))
}
