import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { readRegistrations } from '../../src/platform/registrations.ts'
import type { StateLayout } from '../../src/platform/state-layout.ts'
import { environmentOf, isAlive, processesOf } from './support/processes.ts'
import { judge, type Measurement, rounded } from './support/row.ts'
import { makeProject, QUIET, reportsOf, servicesYaml, startRun, untilReady } from './support/running-tree.ts'

const CHILDREN = 200
const CHATTY = 50

/** Dies of a broken pipe, if its output is one and nobody reads it. */
const TALK = ['/bin/sh', '-c', 'while :; do echo still here; sleep 0.5; done']

/** A supervisor that is killed takes nobody with it, and whoever comes back finds everybody. */
export const adoption: Measurement = {
  name: 'adoption',
  about: 'kill -9 of the supervisor',
  run: async ({ scope }) => {
    const project = makeProject(
      scope,
      'adoption',
      servicesYaml(CHILDREN, (index) => (index < CHATTY ? TALK : QUIET)),
    )
    const { layout } = project
    const first = startRun(scope, project)
    await untilReady(project, first, CHILDREN)
    const before = childrenOf(layout)
    first.child.kill('SIGKILL')
    await first.ended
    await sleep(1_500)
    const survived = [...before.values()].filter(isAlive).length
    const talking = await stillTalking(layout)

    // The clock of all instants we record: one for every process of a boot.
    const backMonoMs = Number(process.hrtime.bigint()) / 1e6
    const second = startRun(scope, project)
    await untilReady(project, second, CHILDREN)
    await sleep(2_000)
    const after = childrenOf(layout)
    const kept = [...before].filter(([child, pid]) => after.get(child) === pid).length
    const duplicates = livesNow(layout) - after.size
    const reports = reportsOf(layout).filter(({ at }) => at.monoMs >= backMonoMs)
    const adopted = reports.filter(({ context }) => context === 'child_adopted')
    const lastMs = Math.max(...adopted.map(({ at }) => at.monoMs)) - backMonoMs
    const lockedMs = (reports[0]?.at.monoMs ?? Number.NaN) - backMonoMs
    const row = judge({
      name: 'adoption',
      budget: 'kill -9 of the supervisor: all survive, adopted ≤ 1 s after its return, 0 duplicates',
      measured: lastMs,
      atMost: 1_000,
      unit: 'ms until the last is adopted, from the start of its Node',
      details: {
        children: CHILDREN,
        survived,
        'chatty that go on talking': `${talking} of ${CHATTY}`,
        'adopted, the same pid': kept,
        duplicates,
        'until it holds the lock, ms': rounded(lockedMs),
      },
    })
    const isWhole =
      survived === CHILDREN && talking === CHATTY && adopted.length === CHILDREN && kept === CHILDREN
    return [isWhole && duplicates === 0 ? row : { ...row, verdict: 'missed' }]
  },
}

/** Children by name, as they registered themselves. */
const childrenOf = (layout: StateLayout): Map<string, number> =>
  new Map(
    readRegistrations(layout.registrations).flatMap(({ intent, identity }) =>
      identity !== null && isAlive(identity.pid) ? [[intent.subject, identity.pid] as const] : [],
    ),
  )

/** How many lives the system shows, whatever is registered; what a child starts itself belongs to the child's. */
const livesNow = (layout: StateLayout): number => {
  const environments = processesOf(layout.root).map(environmentOf)
  const children = environments.filter((environment) => environment.has('OC_SUPERVISE_CHILD'))
  return new Set(children.map((environment) => environment.get('OC_SUPERVISE_INCARNATION'))).size
}

const stillTalking = async (layout: StateLayout): Promise<number> => {
  const sizes = (): number[] =>
    Array.from({ length: CHATTY }, (_, index) => statSync(layout.log(`child-${index}`)).size)
  const before = sizes()
  await sleep(2_000)
  return sizes().filter((size, index) => size > (before[index] as number)).length
}
