import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readRegistrations } from '../../src/platform/registrations.ts'
import { readLockOwner } from '../../supervisor/supervisor-lock.ts'
import { until } from '../support/until.ts'
import type { ChaosProject } from './chaos-project.ts'
import { oc } from './command-line.ts'
import { type Round, recordRounds, strikeAt } from './fail-point-rounds.ts'
import { isFull, round } from './how-much.ts'
import { killOne, stateOf } from './project-processes.ts'
import { APPROVED_RUN, MERGED_RUN } from './scenarios.ts'

/** Without OC_CHAOS=full: a lane at work, and the supervisor itself. */
const REPRESENTATIVES: readonly Round[] = [
  { scenario: MERGED_RUN, point: 'commit:task:xstate.done.actor.runAgent:inside' },
  { scenario: APPROVED_RUN, point: 'commit:gate:DECISION:inside' },
]
const chosen = isFull
  ? (await recordRounds()).filter(({ point }) => point.endsWith(':inside'))
  : REPRESENTATIVES
console.log(`stopped writers: ${chosen.length} transactions`)

describe('SIGSTOP of whoever is inside a transaction', () => {
  // Every other one is killed in the end instead of continued.
  const rows = chosen.map((one, at) => [one.point, at % 2 === 0 ? 'SIGCONT' : 'SIGKILL', one] as const)

  round.each(rows)(
    '%s, then %s: the supervisor still rules, and says who holds the journal',
    { timeout: 120_000 },
    async (_point, release, one) => {
      const then = async (project: ChaosProject, pid: number): Promise<string[]> => {
        // Who is being ended anyway is continued by that, so that it hears the signal: at once, it may be.
        await until(() => stateOf(pid) === 'T' || isStopping(project))
        try {
          return await whileStopped(project, pid)
        } finally {
          killOne(pid, release)
        }
      }
      expect(await strikeAt(one, { act: 'stop', kind: { bystander: true }, then })).toEqual([])
    },
  )

  test('of a lane nobody continues: it is found, ended and replaced', { timeout: 120_000 }, async () => {
    const one = { scenario: MERGED_RUN, point: 'commit:task:xstate.done.actor.plan:inside' }
    const then = async (project: ChaosProject, pid: number): Promise<string[]> => {
      await until(() => stateOf(pid) === 'T')
      await until(() => stateOf(pid) === null, { timeoutMs: 30_000, what: 'the end of the stopped lane' })
      const found = reports(project).find(({ context }) => context === 'diagnosed')
      return found?.reason.includes('was stopped') === true ? [] : [`diagnosed: ${found?.reason}`]
    }
    expect(await strikeAt(one, { act: 'stop', kind: { staleAfter: '2s' }, then })).toEqual([])
  })
})

const isStopping = (project: ChaosProject): boolean =>
  reports(project).some(({ context }) => context === 'child_stopping')

/** What must be true while a process holds the journal's write lock and does not run. */
const whileStopped = async (project: ChaosProject, pid: number): Promise<string[]> => {
  const supervisor = readLockOwner(project.layout)?.identity.pid
  if (supervisor === pid) return []
  const isReported = (): boolean =>
    reports(project).some(
      ({ context, reason }) => context === 'journal_blocked' && reason.includes(`pid ${pid} `),
    )
  await until(() => isReported() || (isStopping(project) && stateOf(pid) !== 'T'), {
    what: `journal_blocked by ${pid}`,
  })
  if (isStopping(project)) return []
  const [before] = bystandersOf(project)
  const asked = oc(project, ['restart', 'bystander'])
  if (asked.exit !== 0) return [`restart bystander: ${asked.output}`]
  await until(() => bystandersOf(project).some((now) => now !== before), { what: 'another bystander' })
  return stateOf(pid) === 'T' ? [] : [`pid ${pid} was not stopped all the time`]
}

const bystandersOf = ({ layout }: ChaosProject): number[] =>
  readRegistrations(layout.registrations).flatMap(({ intent, identity }) =>
    intent.subject === 'bystander' && identity !== null ? [identity.pid] : [],
  )

const reports = ({ layout }: ChaosProject): { context: string; reason: string }[] =>
  readFileSync(layout.supervisorLog, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { context: string; reason: string })
