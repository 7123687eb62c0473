import type { Asked, ChildContext, ChildIntent } from '../machines/live/child-events.ts'
import type { ChildSpec } from '../src/contracts/child-spec.ts'
import type { ChildState } from '../src/contracts/status.ts'
import { plusMs } from '../src/platform/instant-math.ts'
import { adoptLife, startLife } from './begin-life.ts'
import type { ChildLife, LivingProcess } from './child-life.ts'
import type { ChildMemory } from './child-memory.ts'
import { ladderOf } from './diagnose-child.ts'
import { type EndOptions, endChild } from './end-child.ts'
import { endLife } from './finish-life.ts'
import { createLiveChild, type GaveUp, type LiveChild } from './live-child.ts'
import type { Tree } from './tree.ts'
import { watchLife } from './watch-life.ts'

/** One child as the supervisor handles it: facts in, intents carried out. */
export interface ChildShell {
  readonly id: string
  readonly spec: ChildSpec
  readonly state: ChildState
  readonly context: ChildContext
  readonly life: ChildLife | null
  readonly wasUp: boolean
  readonly wasForced: boolean
  readonly gaveUp: GaveUp | null
  /** Turns facts into events: what its witnesses say, what is due, whether the gate is open. */
  look(): void
  /** Monotonic ms of the next look that is worth it. */
  dueMs(): number
  want(wanted: ChildContext['wanted']): void
  end(asked: Exclude<Asked, 'none'>, options: EndOptions): void
  /** A person wants it tried now: ends what runs, skips waits and quarantine. */
  release(reason: string): void
  adopt(process: LivingProcess, memory: ChildMemory): void
  /** Nothing of it starts before this has settled: leftovers of an earlier life are being ended. */
  holdFor(leftovers: Promise<unknown>): void
  /** The spec of its next life. */
  respec(spec: ChildSpec): void
  /** Whether its present life runs the newest spec. */
  readonly isCurrent: boolean
  /** Whether it can be replaced without disturbing work: between turns, or at any time without heartbeats. */
  isIdle(): boolean
  /** Holds no work any more, said since it was told to drain at `sinceMonoMs`. */
  isDrained(sinceMonoMs: number): boolean
  startOver(): void
  /** Resolves when nothing of it lives. */
  whenDown(): Promise<void>
  close(): void
}

/** Creates the shell of one child; nothing runs until it is wanted up. */
export const createChildShell = (tree: Tree, spec: ChildSpec): ChildShell => {
  const child = createLiveChild(tree, spec)
  let held = 0
  child.actor.on('*', (intent) => carryOut(child, intent))
  child.actor.subscribe({
    next: tree.changed,
    error: (error) => tree.escalate(child.id, `its machine failed: ${String(error)}`),
  })
  child.actor.start()

  const isCleared = (): boolean =>
    isWaiting(child) &&
    child.context.wanted === 'up' &&
    held === 0 &&
    tree.clock.monoMs() >= (child.context.dueMonoMs ?? 0) &&
    tree.blockerOf(child.id) === null

  return {
    id: child.id,
    get spec() {
      return child.spec
    },
    get state() {
      return child.state
    },
    get context() {
      return child.context
    },
    get life() {
      return child.life
    },
    get wasUp() {
      return child.wasUp
    },
    get wasForced() {
      return child.wasForced
    },
    get gaveUp() {
      return child.gaveUp
    },
    look: () => {
      if (child.life !== null) watchLife(child, child.life)
      if (!isCleared()) return
      if (child.state === 'quarantined') child.ladder?.send({ type: 'RELEASED' })
      child.actor.send({ type: 'CLEARED' })
    },
    dueMs: () => {
      if (child.life !== null)
        return child.state === 'stopping' ? Number.POSITIVE_INFINITY : child.life.dueMs()
      const due = child.context.dueMonoMs
      // One whose time has come waits for its gate, and whatever opens that wakes us.
      return due !== null && due > tree.clock.monoMs() ? due : Number.POSITIVE_INFINITY
    },
    want: (wanted) => {
      if (child.context.wanted !== wanted) child.actor.send({ type: 'WANTED', wanted })
    },
    end: (asked, options) => endChild(child, asked, options),
    release: (reason) => {
      child.ladder?.send({ type: 'RELEASED' })
      if (child.life === null) child.actor.send({ type: 'RELEASED', reason })
      // Going down with its group it comes back with it, in order: it only need not wait for whoever failed.
      else if (child.state === 'stopping' && child.context.asked === 'sibling') child.takenDownBy = null
      else endChild(child, 'restart', { force: false, reason })
      tree.wake()
    },
    adopt: (process, memory) => adoptLife(child, process, memory),
    holdFor: (leftovers) => {
      held += 1
      void leftovers.finally(() => {
        held -= 1
        tree.wake()
      })
    },
    respec: (fresh) => {
      child.nextSpec = fresh
    },
    get isCurrent() {
      return child.spec === child.nextSpec
    },
    isIdle: () => {
      if (child.life === null || child.spec.liveness !== 'nonce') return true
      return IDLE.includes(child.life.heartbeat()?.doing ?? 'idle')
    },
    isDrained: (sinceMonoMs) => isDrained(child, sinceMonoMs),
    startOver: () => child.life?.startOver(),
    whenDown: () => whenDown(child),
    close: () => {
      child.ladder?.close()
      child.actor.stop()
    },
  }
}

const isDrained = ({ life, state, spec }: LiveChild, sinceMonoMs: number): boolean => {
  if (life === null) return state !== 'starting'
  if (spec.liveness !== 'nonce') return true
  const beat = life.heartbeat()
  return beat !== null && beat.at.monoMs >= sinceMonoMs && IDLE.includes(beat.doing)
}

/** What a child does between two pieces of work. */
const IDLE: readonly string[] = ['idle', 'paused']

const isWaiting = ({ life, state }: LiveChild): boolean =>
  life === null && (state === 'absent' || state === 'backingOff' || state === 'quarantined')

/** The hands of the machine. */
const carryOut = (child: LiveChild, intent: ChildIntent): void => {
  if (intent.type === 'REPORT') report(child, intent)
  if (intent.type === 'SPAWN') void startLife(child)
  if (intent.type === 'END') void endLife(child, intent.force)
  if (intent.type === 'DIAGNOSE') ladderOf(child).send({ type: 'FAULT_FOUND', reason: intent.reason })
}

const report = (child: LiveChild, intent: Extract<ChildIntent, { type: 'REPORT' }>): void => {
  const { type: _, ...said } = intent
  const { tree, context, lastExit } = child
  const now = tree.clock.now()
  tree.report({
    ...said,
    budgetLeft: lastExit?.budgetLeft ?? null,
    nextAt: context.dueMonoMs === null ? null : plusMs(now, context.dueMonoMs - now.monoMs),
    data: lastExit === null ? {} : { rule: lastExit.rule, cause: lastExit.cause },
  })
}

/** Whether something of it lives, or is about to. */
export const isUp = ({ life, state }: Pick<LiveChild, 'life' | 'state'>): boolean =>
  life !== null || state === 'starting'

const whenDown = (child: LiveChild): Promise<void> =>
  new Promise((resolve) => {
    if (!isUp(child)) return resolve()
    const { unsubscribe } = child.actor.subscribe(() => {
      if (isUp(child)) return
      unsubscribe()
      resolve()
    })
  })
