import type { ExitSeen } from './decide/decide-exit.ts'
import { endChild } from './end-child.ts'
import type { LiveChild } from './live-child.ts'
import { diagnose } from './recovery/diagnose.ts'
import type { Diagnosis, Evidence } from './recovery/diagnosis.ts'
import { createLadder, type Ladder } from './recovery/ladder.ts'

/** Reads what is wrong with a child now, and reports it. */
export const diagnoseChild = (
  child: LiveChild,
  fault: Evidence['fault'],
  exit: ExitSeen | null,
): Diagnosis => {
  const { tree, spec, life } = child
  const found = diagnose({
    child: spec.id,
    fault,
    identity: life?.process.identity ?? null,
    exitCode: exit?.exitCode ?? null,
    signal: exit?.signal ?? null,
    layout: tree.layout,
    load: tree.load(),
  })
  tree.report({
    context: 'diagnosed',
    child: spec.id,
    incarnation: life?.process.intent.incarnation ?? null,
    reason: found.sentence,
    decision: found.class,
    data: { evidence: found.evidence },
  })
  return found
}

/** The child's recovery ladder; it comes into being with its first fault. */
export const ladderOf = (child: LiveChild): Ladder => {
  const { tree } = child
  child.ladder ??= createLadder({
    child: child.id,
    limits: tree.recovery,
    clock: tree.clock,
    report: tree.report,
    diagnose: () => diagnoseChild(child, 'hung', null),
    scope: () => ({
      layout: tree.layout,
      child: child.id,
      liveIncarnation: child.life?.process.intent.incarnation ?? null,
    }),
    replace: (reason) => endChild(child, 'hung', { force: false, reason }),
    giveUp: (reason, diagnosis) => {
      child.gaveUp = { reason, diagnosis }
      endChild(child, 'hung', { force: false, reason })
    },
  })
  return child.ladder
}
