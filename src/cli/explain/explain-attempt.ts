import { readdirSync } from 'node:fs'
import { inspectKeeper, type KeeperFacts } from '../../../supervisor/keeper/inspect-keeper.ts'
import { type AttemptId, RunId } from '../../contracts/ids.ts'
import type { AttemptResult } from '../../evidence/attempt-result.ts'
import { readRun } from '../../evidence/read-runs.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { findAttemptTask } from '../look/find-attempt-task.ts'
import type { System } from '../look/with-system.ts'
import { type Explanation, NO_EVENTS } from './explanation.ts'

/** Explains one attempt: by its evidence, its keeper and its task. Null where nobody has heard of it. */
export const explainAttempt = async (
  { layout, store }: System,
  id: AttemptId,
): Promise<Explanation | null> => {
  const task = await findAttemptTask(store, id)
  const result = evidenceOf(layout, id)
  const keeper = inspectKeeper(layout.keeperDir(id))
  if (task === null && result === null && keeper.state === 'absent') return null
  const failure = result?.failure ?? null
  return {
    id,
    kind: 'attempt',
    state: result?.status ?? KEEPER_STATES[keeper.state],
    about: null,
    because: [
      ...(task === null ? [] : [`it is an attempt at ${task.id}`]),
      ...(failure === null ? [] : [`${failure.class}: ${failure.reason}`]),
      describeKeeper(keeper),
      ...(result === null
        ? ['it has no evidence yet']
        : [`its evidence was written at ${result.recordedAt}`]),
    ],
    ...NO_EVENTS,
    action:
      result === null ? `oc-supervise explain ${task?.id ?? id}` : `oc-supervise runs show ${result.runId}`,
  }
}

const KEEPER_STATES: Readonly<Record<KeeperFacts['state'], string>> = {
  absent: 'without an agent',
  running: 'running',
  exited: 'ended',
  lost: 'lost',
}

const describeKeeper = (keeper: KeeperFacts): string => {
  switch (keeper.state) {
    case 'absent':
      return 'it has no keeper: no agent was started'
    case 'running':
      return `its keeper is pid ${keeper.self.identity.pid}: ${keeper.proof.proof}`
    case 'lost':
      return keeper.message
    case 'exited': {
      const { exitCode, signal, stopReason, startError } = keeper.exit
      if (startError !== null) return `its agent could not be started: ${startError}`
      const stopped = stopReason === null ? '' : `; we stopped it for ${stopReason}`
      return `its agent ended with ${signal === null ? `exit code ${exitCode}` : signal}${stopped}`
    }
  }
}

const evidenceOf = (layout: StateLayout, id: AttemptId): AttemptResult | null => {
  for (const run of runsOf(layout.runs)) {
    const details = readRun(layout.runs, run)
    const found = details.ok ? details.attempts.find(({ result }) => result.attemptId === id) : undefined
    if (found !== undefined) return found.result
  }
  return null
}

const runsOf = (dir: string): string[] => {
  try {
    return readdirSync(dir).filter((name) => RunId.safeParse(name).success)
  } catch {
    return []
  }
}
