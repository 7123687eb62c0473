import type { RunId } from '../../contracts/ids.ts'
import { readRun } from '../../evidence/read-runs.ts'
import { findRunTask } from '../look/find-run-task.ts'
import type { System } from '../look/with-system.ts'
import { explainTask } from './explain-task.ts'
import { type Explanation, NO_EVENTS } from './explanation.ts'

/** Explains a run: by the task it works on now, and by its evidence. Null where nobody has heard of it. */
export const explainRun = async (system: System, id: RunId): Promise<Explanation | null> => {
  const task = await findRunTask(system.store, id)
  const evidence = readRun(system.layout.runs, id)
  const attempts = evidence.ok
    ? evidence.summary.attempts.map(({ attemptId, status, summary }) => `${attemptId} ${status}: ${summary}`)
    : evidence.reason === 'invalid'
      ? [evidence.message]
      : []
  if (task !== null) {
    const explained = (await explainTask(system, task.id)) as Explanation
    return {
      ...explained,
      id,
      kind: 'run',
      because: [`its task is ${task.id}`, ...explained.because, ...attempts],
    }
  }
  if (!evidence.ok && evidence.reason === 'missing') return null
  return {
    id,
    kind: 'run',
    state: evidence.ok ? `ended: ${evidence.summary.status}` : 'unreadable',
    about: evidence.ok ? evidence.summary.headline : null,
    because: attempts,
    ...NO_EVENTS,
    action: `oc-supervise verify ${id}`,
  }
}
