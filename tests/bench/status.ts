import { spawnSync } from 'node:child_process'
import { bareNodeMs } from './support/bare-node.ts'
import { LAUNCHER } from './support/built.ts'
import { journalOf } from './support/filled-journal.ts'
import { judge, type Measurement, rounded } from './support/row.ts'
import { makeProject, QUIET, servicesYaml, startRun, untilReady } from './support/running-tree.ts'
import { userEnvironment } from './support/scope.ts'
import { interleave, median, p90, quantile } from './support/stats.ts'

const CHILDREN = 200

/** What a monitor asks every few seconds must cost next to nothing. */
export const status: Measurement = {
  name: 'status',
  about: '`status --exit-code` with 200 children and a million events',
  run: async ({ scope, shared, quick }) => {
    const events = quick ? 100_000 : 1_000_000
    const project = makeProject(
      scope,
      'status',
      servicesYaml(CHILDREN, () => QUIET),
    )
    await journalOf(shared, events, project.layout.journal)
    const run = startRun(scope, project)
    await untilReady(project, run, CHILDREN)
    const env = userEnvironment(scope.dir)
    const args = [LAUNCHER, 'status', '--state-dir', project.layout.root, '--exit-code']
    const statusMs = (): number => {
      const beganMs = performance.now()
      const { status: code, stdout } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
      const tookMs = performance.now() - beganMs
      if (code !== 0) throw new Error(`status ended with ${code}: ${stdout.slice(0, 200)}`)
      return tookMs
    }
    for (let warm = 0; warm < 3; warm += 1) statusMs()
    const taken = await interleave(quick ? 25 : 80, { status: statusMs, bare: bareNodeMs })
    return [
      judge({
        name: 'status',
        budget: '`status --exit-code`, 200 children, a million events ≤ 1.6 × bare `node -e 0`',
        measured: median(taken.status) / median(taken.bare),
        atMost: 1.6,
        unit: '×',
        details: {
          events,
          'status p50 ms': rounded(median(taken.status)),
          'status p90 ms': rounded(p90(taken.status)),
          'peer: node -e 0, p50 ms': rounded(median(taken.bare)),
          'peer: p90 ms': rounded(p90(taken.bare)),
          'ratio of the quickest': rounded(quantile(taken.status, 0) / quantile(taken.bare, 0)),
        },
      }),
    ]
  },
}
