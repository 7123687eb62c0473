import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../support/until.ts'
import { agentRunsOf, type ChaosProject, type ProjectKind } from './chaos-project.ts'
import { type Life, oc, startRun } from './command-line.ts'
import { type Expected, query } from './invariants.ts'
import { killAll, killOne } from './project-processes.ts'
import { type Course, runToEnd } from './run-to-end.ts'

type Points = Readonly<Record<string, string>>

/** A way from one Ready task to its end, the same whatever is killed on it. */
export interface Scenario {
  readonly name: string
  readonly kind: ProjectKind
  /** Goes all the way; `points` are the variables that steer fail points. */
  readonly drive: (project: ChaosProject, points: Points) => Promise<Course>
  readonly exit: number
  readonly expected: Expected
  /** Points that other scenarios pass too, but that mean something else here. */
  readonly again: RegExp | null
}

const FILES = ['made.txt']

export const MERGED: Expected = { files: FILES, state: 'Done', agentRuns: [1, 1], comments: 0 }
export const AUTO: ProjectKind = {
  files: FILES,
  merge: 'auto',
  held: false,
  works: '0',
  check: 'true',
  bystander: false,
  staleAfter: '20s',
}

/** Claimed, worked on, checked, published, merged. */
export const MERGED_RUN: Scenario = {
  name: 'merged',
  kind: AUTO,
  drive: (project, points) => runToEnd(project, { points }),
  exit: 0,
  expected: MERGED,
  again: null,
}

/** The same with a person in the middle, who answers between two runs. */
export const APPROVED_RUN: Scenario = {
  name: 'approved',
  kind: { ...AUTO, merge: 'manual' },
  drive: async (project, points) => {
    const asked = await runToEnd(project, { points })
    if (asked.exit !== 10) return asked
    approve(project)
    return runToEnd(project, { points })
  },
  exit: 0,
  expected: { ...MERGED, comments: 1 },
  again: /^append:supervisor_stopped:/,
}

/** Ends Blocked: its checks fail, and it has one attempt. */
const blocked: Scenario = {
  name: 'blocked',
  kind: { ...AUTO, check: 'false' },
  drive: (project, points) => runToEnd(project, { points }),
  exit: 3,
  expected: { ...MERGED, state: 'Blocked', agentRuns: [1, 1], comments: 1 },
  again: /^effect:comment:/,
}

/** Everything is killed at once in the middle of a push; what is passed then is the recovery. */
const recovered: Scenario = {
  name: 'recovered',
  kind: AUTO,
  drive: async (project, points) => {
    const fired = join(project.dir, 'all-killed')
    const life = startRun(project, {
      OC_SUPERVISE_FAILPOINT: 'push.after=stop',
      OC_SUPERVISE_FAILPOINT_ONCE: fired,
    })
    await until(() => existsSync(fired), { timeoutMs: 30_000, what: 'the push' })
    await until(() => killAll(project) === 0)
    await life.ended
    return runToEnd(project, { points })
  },
  exit: 0,
  expected: MERGED,
  again: /^(lease:claim_queue|spawn\.effect|push|effect:publishBranch|put:pull\.opened)/,
}

/** Stopped cleanly while its agent works, and taken up again by the next run. */
const resumed: Scenario = {
  name: 'resumed',
  kind: { ...AUTO, held: true },
  drive: async (project, points) => {
    let isAsked = false
    const during = (life: Life): Promise<void> =>
      whenAgentRuns(project, life, () => {
        // A stop that was killed is not asked for again: the next life finishes what it finds.
        if (isAsked) writeFileSync(project.agentGate, '')
        else killOne(life.pid, 'SIGTERM')
        isAsked = true
      })
    const stopped = await runToEnd(project, { points, during })
    writeFileSync(project.agentGate, '')
    return stopped.exit === 0 ? runToEnd(project, { points }) : stopped
  },
  exit: 0,
  expected: { ...MERGED, agentRuns: [1, 2] },
  again: /^(keeper|append:(child_stopping|stopped|supervisor_stopped)|lease:release|put:task)/,
}

/** Cancelled by a person while its agent works and would go on for ever. */
const cancelled: Scenario = {
  name: 'cancelled',
  kind: { ...AUTO, held: true },
  drive: (project, points) => {
    let isAsked = false
    return runToEnd(project, {
      points,
      during: (life) =>
        whenAgentRuns(project, life, () => {
          if (!isAsked) tell(project, 'cancel')
          isAsked = true
        }),
    })
  },
  exit: 0,
  expected: { ...MERGED, state: 'Cancelled' },
  again: /^(keeper\.(agent_ended|exit_written)|effect:(recordAttempt|releaseWorkspace)|workspace)/,
}

export const SCENARIOS: readonly Scenario[] = [
  MERGED_RUN,
  APPROVED_RUN,
  blocked,
  cancelled,
  resumed,
  recovered,
]

/** Does something once an agent has been started, unless this life is over before. */
const whenAgentRuns = async (project: ChaosProject, life: Life, act: () => void): Promise<void> => {
  let isOver = false
  void life.ended.then(() => {
    isOver = true
  })
  await until(() => isOver || agentRunsOf(project) > 0, { timeoutMs: 30_000, what: 'the agent' })
  if (!isOver) act()
}

const tell = (project: ChaosProject, verb: string): void => {
  const [task] = query(project, "SELECT id FROM records WHERE kind = 'task'")
  const { exit, output } = oc(project, ['task', verb, String(task)])
  if (exit !== 0) throw new Error(`task ${verb} ${task}: ${output}`)
}

const approve = (project: ChaosProject): void => {
  const gate = oc(project, ['gate', 'list', '--ids']).output.trim()
  const { exit, output } = oc(project, ['gate', 'approve', gate, '--by', 'ada', '--note', 'read it'])
  if (exit !== 0) throw new Error(`gate approve ${gate}: ${output}`)
}
