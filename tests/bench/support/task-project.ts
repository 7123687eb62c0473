import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TaskSpec } from '../../../src/contracts/task.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { newId } from '../../../src/platform/random.ts'
import { ringDoorbell } from '../../../src/platform/ring-doorbell.ts'
import { makeTestRepo } from '../../support/test-repo.ts'
import { until } from '../../support/until.ts'
import { built } from './built.ts'
import { makeProject, type Project } from './running-tree.ts'
import type { Scope } from './scope.ts'

/** A small repository behind a bare remote, an agent that is a script, and lanes that are woken, not polled. */
export const makeTaskProject = (
  scope: Scope,
  name: string,
  options: { readonly agent: string; readonly lanes: string },
): Project => {
  const project = makeProject(
    scope,
    name,
    `repos: {project: {url: ./remote.git, checks: ["true"], merge: auto}}
agents: {scribe: {type: command, command: [./agent.sh], timeout: 10m}}
${options.lanes}gates: {signing: optional}
budget: {per_hour: {runs: null}, per_day: {runs: null}}
`,
  )
  makeTestRepo(project.dir)
  const agent = join(project.dir, 'agent.sh')
  writeFileSync(agent, options.agent)
  chmodSync(agent, 0o755)
  return project
}

export const makeSpec = (index: number): TaskSpec =>
  ({
    id: newId('task'),
    title: `Task ${index}`,
    kind: 'goal',
    repo: 'project',
    goal: `Write the file of task ${index}.`,
    constraints: null,
    quoted: null,
    baseBranch: null,
    allowedPaths: [],
    priority: 'normal',
    type: 'unknown',
    risk: 'medium',
    verify: false,
    dependsOn: [],
    labels: [],
    author: 'bench',
    trust: 'trusted',
    parent: null,
    createdAtMs: systemClock.wallMs(),
  }) satisfies TaskSpec

/** Opens the journal of a project beside its lanes. */
export const openStore = async ({ layout }: Project) => {
  const { openSqliteStore } = await built<typeof import('../../../src/durable/sqlite/sqlite-store.ts')>(
    'src/durable/sqlite/sqlite-store.ts',
  )
  return openSqliteStore({ path: layout.journal, clock: systemClock })
}

/** Adds a task and wakes its lane, as `task add` does, without a process that starts and ends beside the work. */
export const addTask = async (project: Project, index: number): Promise<string> => {
  const { localBoard } =
    await built<typeof import('../../../src/board/local-board.ts')>('src/board/local-board.ts')
  const store = await openStore(project)
  const spec = makeSpec(index)
  await localBoard(store).add(spec, 'Ready', { actor: 'person', name: 'bench', fence: null })
  await store.close()
  ringDoorbell(project.layout.doorbell('goal'))
  return spec.id
}

/** Waits until a task is Done and answers how long it took from its claim to its merge, in ms, by the journal. */
export const mergedMs = async (project: Project, task: string): Promise<number> => {
  const store = await openStore(project)
  try {
    await until(async () => (await store.get('task', task))?.state === 'Done', {
      timeoutMs: 30_000,
      everyMs: 50,
      what: `${task} is Done`,
    })
    const card = await store.readStream(`record/task/${task}`, 1)
    const pull = (await store.list({ kind: 'pull', limit: 1_000 })).find(({ value }) =>
      JSON.stringify(value).includes(task),
    )
    const events = await store.readStream(`record/pull/${pull?.id}`, 1)
    const claimed = card.find(({ type }) => type === 'task.claimed')
    const merged = events.find(({ type }) => type === 'pull.merged')
    if (claimed === undefined || merged === undefined) throw new Error(`${task}: no claim or no merge found`)
    return merged.at.monoMs - claimed.at.monoMs
  } finally {
    await store.close()
  }
}
