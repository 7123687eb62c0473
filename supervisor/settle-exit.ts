import type { ChildSpec } from '../src/contracts/child-spec.ts'
import { decideExit, type ExitDecision, type ExitSeen } from './decide/decide-exit.ts'
import type { LiveChild } from './live-child.ts'

/** Decides what follows an exit and writes the death down, before anything is done about it. */
export const settleExit = (child: LiveChild, exit: ExitSeen): ExitDecision => {
  const { tree, spec, life, context } = child
  const nowMonoMs = tree.clock.monoMs()
  const readyMs = life === null || life.readyMs === null ? 0 : nowMonoMs - life.readyMs
  const decision = decideExit({
    spec,
    group: tree.groupOf(spec),
    members: tree.membersOf(spec.group),
    exit,
    // A child that ends without fault that was told to drain does what was wanted of it.
    asked:
      context.asked === 'none' && tree.isDraining(spec.id) && isClean(exit, spec) ? 'stop' : context.asked,
    readyMs,
    onProbation: context.onProbation,
    gaveUp: child.gaveUp?.reason ?? null,
    deaths: tree.tally.unintended(),
    jitter: tree.jitter(),
    nowMonoMs,
    // Asked only now: whoever it waits for may have been asked back meanwhile.
    siblingDueMs: child.takenDownBy === null ? null : tree.dueMonoMsOf(child.takenDownBy),
  })
  tree.tally.add({
    child: spec.id,
    incarnation: life?.process.intent.incarnation ?? 'inc-none',
    cause: decision.cause,
    exitCode: exit.exitCode,
    signal: exit.signal,
    uptimeMs: readyMs,
  })
  return decision
}

const isClean = ({ exitCode, startFailed }: ExitSeen, spec: ChildSpec): boolean =>
  !startFailed && exitCode !== null && spec.successExit.includes(exitCode)
