import { setTimeout as sleep } from 'node:timers/promises'
import { processesOf } from './support/processes.ts'
import { type Bench, judge, type Measurement, type Row, rounded } from './support/row.ts'
import { makeProject, QUIET, servicesYaml, startRun, untilReady } from './support/running-tree.ts'
import { timeMs } from './support/stats.ts'

const CHILDREN = 200
const GRACE_MS = 2_000
const SETTLED_AFTER_MS = 4_000

/** Takes no notice of SIGTERM, and neither does what it starts. */
const DEAF = ['/bin/sh', '-c', 'trap "" TERM; while :; do sleep 100000; done']

/** Everything is down when its grace is over, and gone when we say so. */
export const stop: Measurement = {
  name: 'stop',
  about: 'stop of 200 children',
  run: async (bench) => [
    await stopAll(bench, 'deaf', DEAF, 'that ignore SIGTERM'),
    await stopAll(bench, 'obedient', QUIET, 'that end at SIGTERM'),
  ],
}

/** From SIGTERM to the end of `oc-supervise run`, which records the stop when nothing lives any more. */
const stopAll = async (
  { scope }: Bench,
  name: string,
  argv: readonly string[],
  which: string,
): Promise<Row> => {
  const project = makeProject(
    scope,
    name,
    servicesYaml(CHILDREN, () => argv, { stop_timeout: `${GRACE_MS}ms` }),
  )
  const run = startRun(scope, project)
  await untilReady(project, run, CHILDREN)
  // What the start has left to journal is not the stop's.
  await sleep(SETTLED_AFTER_MS)
  const before = processesOf(project.layout.root).length
  const tookMs = await timeMs(async () => {
    process.kill(run.pid, 'SIGTERM')
    await run.ended
  })
  const left = processesOf(project.layout.root)
  const row = judge({
    name: `stop, ${name}`,
    budget: `stop 200 children ${which} ≤ grace + 0.5 s; nothing left`,
    measured: tookMs - GRACE_MS,
    atMost: 500,
    unit: 'ms beyond the grace',
    details: {
      'stop took ms': rounded(tookMs),
      'grace ms': GRACE_MS,
      'processes before': before,
      'processes left': left.length,
    },
  })
  return left.length === 0 ? row : { ...row, verdict: 'missed' }
}
