import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { attemptIdOf } from '../../../machines/durable/derive-id.ts'
import type { TaskContext } from '../../../machines/durable/task-context.ts'
import { FIX_IDS } from '../../../supervisor/recovery/doctor-table.ts'
import { FIXES } from '../../../supervisor/recovery/fixes.ts'
import type { Store } from '../../durable/store.ts'
import { systemClock } from '../../platform/clock.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { allActors } from '../look/all-actors.ts'
import { contextOf } from '../run/actor-standing.ts'
import { attention, type Check, ok } from './check.ts'
import type { SupervisorProof } from './check-processes.ts'

/** Records of lives that are over, as the table of fixes finds them. */
export const checkRecords = (layout: StateLayout, supervisor: SupervisorProof): Check => {
  if (supervisor !== 'none') return ok('records', 'the supervisor answers for them')
  const lines = FIX_IDS.flatMap((id) => FIXES[id].preview({ layout, child: null, liveIncarnation: null }))
  return lines.length === 0
    ? ok('records', 'none of a life that is over')
    : attention('records', `of lives that are over: ${listed(lines)}`, 'oc-supervise doctor --fix-safe')
}

/** A writer replaces its file within moments; what is older than this was left by one that was killed. In ms. */
const HALF_WRITTEN_AFTER_MS = 60_000

/** The names our atomic writes give their drafts (see src/platform/atomic-file.ts, keys.ts and the keeper's). */
const DRAFT = /\.(json|txt|key|pub|md|ndjson)\.(\d{1,10}|\d+\.tmp|[0-9a-f]{16})$/

/** Files that were being written when their writer was killed. Nobody ever reads them. */
export const checkDrafts = (layout: StateLayout): Check => {
  const folders = [
    layout.root,
    ...[layout.heartbeats, layout.probes, layout.requests, layout.keys, layout.manifests],
    ...foldersIn(layout.keepers),
  ]
  const drafts = folders
    .flatMap((dir) => namesIn(dir).map((name) => join(dir, name)))
    .filter((path) => DRAFT.test(path) && isOld(path))
  const [first] = drafts
  return first === undefined
    ? ok('drafts', 'no half-written file')
    : attention(
        'drafts',
        `half-written: ${listed(drafts)}`,
        `remove them; nothing reads them: rm ${dirname(first)}/…`,
      )
}

/** Workspaces whose task nobody knows, or is over. They may hold work, so nothing here removes them. */
export const checkWorkspaces = async (layout: StateLayout, store: Store): Promise<Check> => {
  const folders = namesIn(layout.workspaces)
  if (folders.length === 0) return ok('workspaces', 'none')
  const working = new Set<string>()
  for await (const row of allActors(store, { machine: 'task' })) {
    const { spec, attemptNo } = contextOf<TaskContext>(row)
    if (row.status === 'done') continue
    for (let n = 1; n <= attemptNo; n += 1) working.add(attemptIdOf(spec.id, n))
  }
  const lost = folders.filter(
    (name) =>
      !working.has(name.replace(/^\.(released|saving)-/, '')) && !isEmpty(join(layout.workspaces, name)),
  )
  return lost.length === 0
    ? ok('workspaces', 'none but of tasks under way')
    : attention(
        'workspaces',
        `no task is at work in ${listed(lost.map((name) => join(layout.workspaces, name)))}`,
        'oc-supervise janitor saves and removes those of tasks that are over; look into the others',
      )
}

const LISTED = 3

const listed = (items: readonly string[]): string =>
  `${items.slice(0, LISTED).join('; ')}${items.length > LISTED ? `; and ${items.length - LISTED} more` : ''}`

const isOld = (path: string): boolean => {
  const facts = statSync(path, { throwIfNoEntry: false })
  return facts?.isFile() === true && systemClock.wallMs() - facts.mtimeMs > HALF_WRITTEN_AFTER_MS
}

const namesIn = (dir: string): string[] => entriesIn(dir).map(({ name }) => name)

/** A folder without anything in it holds no work. */
const isEmpty = (dir: string): boolean => namesIn(dir).length === 0

const foldersIn = (dir: string): string[] =>
  entriesIn(dir)
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(dir, name))

const entriesIn = (dir: string) => {
  try {
    return readdirSync(dir, { withFileTypes: true })
  } catch {
    return []
  }
}
