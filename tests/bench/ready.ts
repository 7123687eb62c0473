import { setTimeout as sleep } from 'node:timers/promises'
import type { StatusFile } from '../../src/contracts/status.ts'
import { until } from '../support/until.ts'
import { bareNodeMb } from './support/bare-node.ts'
import { fillRecords } from './support/filled-journal.ts'
import { residentMb } from './support/processes.ts'
import { judge, type Measurement, rounded } from './support/row.ts'
import { readJson, startRun, untilReady } from './support/running-tree.ts'
import { makeSpec, makeTaskProject } from './support/task-project.ts'

const TASKS = 10_000
const LANES = 5

/** A long list of tasks is rows, not memory. */
export const ready: Measurement = {
  name: 'ready',
  about: 'memory of each process with 10,000 ready tasks',
  run: async ({ scope, quick }) => {
    const project = makeTaskProject(scope, 'ready', {
      // One agent at work holds the lane by its concurrency; everybody else waits.
      agent: '#!/bin/sh\nexec sleep 1000\n',
      lanes: `lanes:
  goal: {agent: scribe, concurrency: 1, poll_interval: 1s}
  test: {agent: scribe, poll_interval: 1s}
  improve: {agent: scribe, poll_interval: 1s}
  propose: {poll_interval: 1s}
  review: {poll_interval: 1s}
`,
    })
    await fillRecords(project.layout.journal, TASKS, (index) => {
      const spec = makeSpec(index)
      return {
        kind: 'task',
        id: spec.id,
        queue: spec.kind,
        state: 'Ready',
        rank: 2,
        createdMs: index,
        value: { spec, phase: null, reason: '', updatedAtMs: spec.createdAtMs, lastKey: null },
      }
    })
    const run = startRun(scope, project)
    const { children } = await untilReady(project, run, LANES)
    const { keepers, counts } = await until(
      () => {
        const status = readJson<StatusFile>(project.layout.status)
        return status !== null && status.keepers.length === 1 && status
      },
      { timeoutMs: 30_000, everyMs: 100, what: 'an agent is at work' },
    )
    const pids = new Map([
      ['supervisor', run.pid],
      ...children.map(({ id, identity }) => [`lane ${id}`, identity?.pid ?? 0] as const),
      ...keepers.map(({ identity }) => ['keeper', identity?.pid ?? 0] as const),
    ])
    const samples = quick ? 10 : 40
    const highest = new Map<string, number>()
    for (let n = 0; n < samples; n += 1) {
      await sleep(500)
      for (const [name, pid] of pids) highest.set(name, Math.max(highest.get(name) ?? 0, residentMb(pid)))
    }
    return [
      judge({
        name: 'ready',
        budget: '10,000 ready tasks: ≤ 100 MB in each process',
        measured: Math.max(...highest.values()),
        atMost: 100,
        unit: 'MB, the largest',
        details: {
          'ready now': counts.ready,
          ...Object.fromEntries([...highest].map(([name, mb]) => [`${name}, MB`, rounded(mb)])),
          'peer: bare Node, MB': rounded(await bareNodeMb()),
        },
      }),
    ]
  },
}
