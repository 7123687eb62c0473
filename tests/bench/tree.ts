import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ChildSpec } from '../../src/contracts/child-spec.ts'
import { readRegistrations } from '../../src/platform/registrations.ts'
import { until } from '../support/until.ts'
import { bareNodeMb } from './support/bare-node.ts'
import { builtFile } from './support/built.ts'
import { idleWorkPercent, pageCosts } from './support/idle-peers.ts'
import { cpuSeconds, residentMb } from './support/processes.ts'
import { type Bench, judge, type Measurement, rounded } from './support/row.ts'
import {
  makeProject,
  QUIET,
  readJson,
  servicesYaml,
  startRun,
  startSupervisor,
  untilReady,
} from './support/running-tree.ts'

const CHILDREN = 200

/** What two hundred children cost whoever watches over them. */
export const tree: Measurement = {
  name: 'tree',
  about: 'memory and idle processor time of a supervisor with 200 children',
  run: async (bench) => {
    const { scope, quick } = bench
    const nodeMb = await bareNodeMb()
    const work = await idleWorkPercent(scope, specsOf(scope.dir, { liveness: 'identity' }))
    const pages = await pageCosts(scope)
    const project = makeProject(
      scope,
      'tree',
      servicesYaml(CHILDREN, () => QUIET),
    )
    const run = startRun(scope, project)
    await untilReady(project, run, CHILDREN)
    const identityOnly = await startIdentityTree(bench)
    const nonce = await startNonceTree(bench)
    // What a start leaves behind (its journal, its garbage) is not idleness.
    await sleep(quick ? 8_000 : 20_000)
    const windowMs = quick ? 10_000 : 25_000
    const timer = scope.node(['-e', 'setInterval(() => {}, 1_000)'], { log: 'timer.log' }).pid
    const pids = { run: run.pid, identityOnly, nonce, timer }
    const before = mapValues(pids, cpuSeconds)
    const beganMs = performance.now()
    await sleep(windowMs)
    const windowSeconds = (performance.now() - beganMs) / 1_000
    const percent = mapValues(pids, (pid, name) => ((cpuSeconds(pid) - before[name]) / windowSeconds) * 100)
    const megabytes = mapValues(pids, residentMb)
    const details = {
      'window s': rounded(windowSeconds),
      'peer: bare Node with a timer of a second, %': rounded(percent.timer),
      'a page of memory left alone for a second, µs': rounded(pages.coldUs),
      'the same not left alone, µs': rounded(pages.warmUs),
    }
    return [
      judge({
        name: 'tree, memory',
        budget: 'supervisor with 200 children: RSS ≤ 2.5 × bare Node',
        measured: megabytes.run / nodeMb,
        atMost: 2.5,
        unit: '×',
        details: {
          'oc-supervise run, MB': rounded(megabytes.run),
          'supervisor alone, MB': rounded(megabytes.identityOnly),
          'supervisor alone, nonce children, MB': rounded(megabytes.nonce),
          'peer: bare Node, MB': rounded(nodeMb),
        },
      }),
      judge({
        name: 'tree, idle, identity',
        budget: 'idle ≤ 0.3 % of a core for 200 identity children',
        measured: percent.run,
        atMost: 0.3,
        unit: '% of a core',
        details: {
          ...details,
          'supervisor alone, %': rounded(percent.identityOnly),
          'its idle work done without waiting, %': rounded(work),
        },
      }),
      judge({
        name: 'tree, idle, nonce',
        budget: 'idle ≤ 1 % of a core for 200 nonce children',
        measured: percent.nonce,
        atMost: 1,
        unit: '% of a core',
        details,
      }),
    ]
  },
}

/** The supervisor without what `run` has around it: journal, board, gates. */
const startIdentityTree = async ({ scope }: Bench): Promise<number> => {
  const { started, layout } = startSupervisor(scope, 'identity', {
    specs: specsOf(scope.dir, { liveness: 'identity' }),
  })
  await until(() => readRegistrations(layout.registrations).length === CHILDREN, {
    timeoutMs: 30_000,
    everyMs: 100,
  })
  return started.pid
}

/** Each child is a process of its own; one program beside them stamps and answers for all. */
const startNonceTree = async ({ scope }: Bench): Promise<number> => {
  const { started, layout } = startSupervisor(scope, 'nonce', {
    specs: specsOf(scope.dir, { liveness: 'nonce', ready: { by: 'nonce' } }),
  })
  const answerer = join(import.meta.dirname, 'programs/answer-for-all.mjs')
  const dist = dirname(dirname(builtFile('supervisor/supervisor.ts')))
  scope.node([answerer, layout.root, dist], { log: 'answer-for-all.log' })
  const isReady = (dir: string): boolean =>
    readJson<{ readyAt: unknown }>(join(dir, 'child.json'))?.readyAt != null
  await until(
    () => readRegistrations(layout.registrations).filter(({ dir }) => isReady(dir)).length === CHILDREN,
    { timeoutMs: 60_000, everyMs: 200, what: 'all nonce children are ready' },
  )
  return started.pid
}

const specsOf = (cwd: string, more: Readonly<Record<string, unknown>>): ChildSpec[] =>
  Array.from({ length: CHILDREN }, (_, index) =>
    ChildSpec.parse({ id: `child-${index}`, start: { argv: QUIET, cwd }, ...more }),
  )

const mapValues = <Name extends string>(
  map: Readonly<Record<Name, number>>,
  change: (value: number, name: Name) => number,
): Record<Name, number> =>
  Object.fromEntries(
    Object.entries<number>(map).map(([name, value]) => [name, change(value, name as Name)]),
  ) as Record<Name, number>
