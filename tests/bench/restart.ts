import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { watch } from 'node:fs'
import { join } from 'node:path'
import { ChildSpec } from '../../src/contracts/child-spec.ts'
import { readRegistrations } from '../../src/platform/registrations.ts'
import type { StateLayout } from '../../src/platform/state-layout.ts'
import { until } from '../support/until.ts'
import { bareNodeMs } from './support/bare-node.ts'
import { isAlive } from './support/processes.ts'
import { type Bench, judge, type Measurement, type Row, rounded } from './support/row.ts'
import { makeProject, readJson, startRun, startSupervisor, untilReady } from './support/running-tree.ts'
import { interleave, median, p90, quantile } from './support/stats.ts'

/** Says that it runs, and becomes what a service is. */
const SCRIPT = 'echo here; exec sleep 100000'

/** A killed child is back at once, and a lane is ready in little more than Node needs to start. */
export const restart: Measurement = {
  name: 'restart',
  about: 'kill -9 of a child → its replacement runs; a lane is ready',
  run: async (bench) => [...(await firstRestart(bench)), await laneReady(bench)],
}

/**
 * Every child is killed once: what is measured is the first restart, not the back-off. From the signal to the first line
 * that the replacement writes, which is later than its registration.
 */
const firstRestart = async ({ scope, quick }: Bench): Promise<Row[]> => {
  const count = quick ? 25 : 60
  const ids = Array.from({ length: count }, (_, index) => `child-${index}`)
  const { layout } = startSupervisor(scope, 'restart', {
    specs: ids.map((id) =>
      ChildSpec.parse({ id, start: { argv: ['/bin/sh', '-c', SCRIPT], cwd: scope.dir } }),
    ),
    groups: [
      { id: 'default', order: 0, strategy: 'one_for_one', restartLimit: { max: 1_000, withinMs: 60_000 } },
    ],
  })
  await until(() => pidsOf(layout).size === count, { timeoutMs: 30_000, everyMs: 50 })
  const next = ids.values()
  const taken = await interleave(count, {
    restart: () => killAndWait(layout, next.next().value as string),
    bareSpawn: bareShellMs,
  })
  const details = {
    kills: taken.restart.length,
    'min ms': rounded(quantile(taken.restart, 0)),
    'max ms': rounded(quantile(taken.restart, 1)),
    'peer: bare spawn of the same sh, p50 ms': rounded(median(taken.bareSpawn)),
    'peer: p90 ms': rounded(p90(taken.bareSpawn)),
  }
  const row = { unit: 'ms', details: {} }
  return [
    judge({
      ...row,
      name: 'restart, p50',
      budget: 'kill -9 of /bin/sh → replacement runs: p50 ≤ 15 ms',
      measured: median(taken.restart),
      atMost: 15,
      details,
    }),
    judge({
      ...row,
      name: 'restart, p90',
      budget: 'the same: p90 ≤ 50 ms',
      measured: p90(taken.restart),
      atMost: 50,
    }),
  ]
}

const pidsOf = (layout: StateLayout): ReadonlyMap<string, number> =>
  new Map(
    readRegistrations(layout.registrations).flatMap(({ intent, identity }) =>
      identity !== null && isAlive(identity.pid) ? [[intent.subject, identity.pid] as const] : [],
    ),
  )

const killAndWait = async (layout: StateLayout, child: string): Promise<number> => {
  const before = pidsOf(layout).get(child) as number
  const watcher = watch(layout.log(child))
  const written = once(watcher, 'change')
  const beganMs = performance.now()
  process.kill(before, 'SIGKILL')
  await written
  const tookMs = performance.now() - beganMs
  watcher.close()
  await until(() => (pidsOf(layout).get(child) ?? before) !== before, { everyMs: 20 })
  return tookMs
}

const bareShellMs = async (): Promise<number> => {
  const beganMs = performance.now()
  const shell = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['ignore', 'pipe', 'ignore'] })
  await once(shell.stdout, 'data')
  const tookMs = performance.now() - beganMs
  shell.kill('SIGKILL')
  await once(shell, 'exit')
  return tookMs
}

const LANE_MANIFEST = `lanes: {goal: {agent: nobody}}
agents: {nobody: {type: command, command: ["true"]}}
supervision: {restart: {max: 1000, within: 10s, backoff_min: 10ms, backoff_max: 10ms}}
`

interface Memory {
  readonly readyAt: { readonly monoMs: number } | null
}

/** A real lane of a real tree, killed again and again: from the intent to start it until it has proved itself ready. */
const laneReady = async ({ scope, quick }: Bench): Promise<Row> => {
  const project = makeProject(scope, 'lane', LANE_MANIFEST)
  const run = startRun(scope, project)
  await untilReady(project, run, 1)
  let known = ''
  const readyMs = async (): Promise<number> => {
    const lane = await until(
      () => {
        const [registration] = readRegistrations(project.layout.registrations).filter(
          ({ intent }) => intent.subject === 'goal' && intent.incarnation !== known,
        )
        if (registration === undefined) return false
        const memory = readJson<Memory>(join(registration.dir, 'child.json'))
        return memory?.readyAt != null && { ...registration, readyMonoMs: memory.readyAt.monoMs }
      },
      { everyMs: 10, what: 'the lane is ready' },
    )
    known = lane.intent.incarnation
    process.kill(lane.identity?.pid as number, 'SIGKILL')
    return lane.readyMonoMs - lane.intent.at.monoMs
  }
  await readyMs()
  const taken = await interleave(quick ? 5 : 15, { lane: readyMs, bare: bareNodeMs })
  return judge({
    name: 'lane ready',
    budget: 'a lane ready ≤ 4 × a bare Node start',
    measured: median(taken.lane) / median(taken.bare),
    atMost: 4,
    unit: '×',
    details: {
      'lane p50 ms': rounded(median(taken.lane)),
      'lane p90 ms': rounded(p90(taken.lane)),
      'peer: node -e 0, p50 ms': rounded(median(taken.bare)),
    },
  })
}
