import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../support/until.ts'
import { type ChaosProject, makeProject, type ProjectKind } from './chaos-project.ts'
import { brokenInvariants } from './invariants.ts'
import { discard } from './project-processes.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'

/** One fail-point on the way of one scenario. */
export interface Round {
  readonly scenario: Scenario
  readonly point: string
}

/**
 * Drives every scenario once, undisturbed, and lists each fail-point at the first scenario that passes it, in the order
 * of passing; further scenarios have those again that mean something else there.
 * @throws Error when an undisturbed scenario does not end as it must.
 */
export const recordRounds = async (): Promise<Round[]> => {
  const known = new Set<string>()
  const rounds: Round[] = []
  for (const scenario of SCENARIOS) {
    const project = makeProject(scenario.kind)
    const log = join(project.dir, 'points')
    const { exit, output } = await scenario.drive(project, { OC_SUPERVISE_FAILPOINT_LOG: log })
    const broken = await brokenInvariants(project, scenario.expected)
    if (exit !== scenario.exit || broken.length > 0) {
      throw new Error(`undisturbed, ${scenario.name} ends with ${exit}:\n${broken.join('\n')}\n${output}`)
    }
    const passed = [...new Set(readFileSync(log, 'utf8').trim().split('\n'))]
    const ours = passed.filter((point) => !known.has(point) || scenario.again?.test(point))
    rounds.push(...ours.map((point) => ({ scenario, point })))
    for (const point of passed) known.add(point)
  }
  return rounds
}

/** What befalls whoever passes the point first. */
export interface Blow {
  readonly act: 'kill' | 'stop'
  /** What the project has beyond its scenario. */
  readonly kind?: Partial<ProjectKind>
  /** Told once it has happened; answers with everything that is wrong by then. */
  readonly then?: (project: ChaosProject, pid: number) => Promise<string[]>
}

/** Strikes once at the point, lets the scenario go its way, and answers with everything that is wrong. */
export const strikeAt = async ({ scenario, point }: Round, { act, kind, then }: Blow): Promise<string[]> => {
  const project = makeProject({ ...scenario.kind, ...kind })
  const fired = join(project.dir, 'fired')
  try {
    const points = { OC_SUPERVISE_FAILPOINT: `${point}=${act}`, OC_SUPERVISE_FAILPOINT_ONCE: fired }
    const [{ exit, output }, seen] = await Promise.all([
      scenario.drive(project, points),
      then === undefined ? [] : struck(fired).then((pid) => then(project, pid)),
    ])
    const broken = [
      ...seen,
      ...(existsSync(fired) ? [] : ['nobody passed this point']),
      ...(exit === scenario.exit ? [] : [`exit ${exit}, wanted ${scenario.exit}`]),
      ...(await brokenInvariants(project, {
        ...scenario.expected,
        agentRuns: agentRunsAfter(scenario, point, act),
      })),
    ]
    return broken.length === 0 ? [] : [...broken, output]
  } finally {
    discard(project)
  }
}

/** The pid that the point was passed by. */
const struck = (fired: string): Promise<number> =>
  until(() => Number(/^(\d+) .*\n/.exec(readFileSync(fired, 'utf8'))?.[1]), {
    timeoutMs: 60_000,
    what: `${fired} to be written`,
  })

/** A killed keeper costs one more attempt, and its agent may not have come to run; nothing else costs any. */
const agentRunsAfter = (scenario: Scenario, point: string, act: Blow['act']): readonly [number, number] => {
  const [least, most] = scenario.expected.agentRuns
  return act === 'kill' && point.startsWith('keeper.') ? [least, most + 1] : [least, most]
}
