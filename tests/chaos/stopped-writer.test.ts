import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readRegistrations } from '../../src/platform/registrations.ts'
import { readLockOwner } from '../../supervisor/supervisor-lock.ts'
import { until } from '../support/until.ts'
import type { ChaosProject } from './chaos-project.ts'
import { oc } from './command-line.ts'
import { recordRounds, strikeAt } from './fail-point-rounds.ts'
import { killOne, stateOf } from './project-processes.ts'

/** OC_CHAOS=full: every transaction; else one of each kind. */
const isFull = process.env.OC_CHAOS === 'full'
const KINDS = [
  'append:started:inside',
  'take:task.claimed:inside',
  'lease:claim:inside',
  'commit:task:xstate.done.actor.runAgent:inside',
  'put:task.moved.Review:inside',
  'commit:review:xstate.done.actor.mergePull:inside',
  'commit:gate:DECISION:inside',
]
const all = (await recordRounds()).filter(({ point }) => point.endsWith(':inside'))
const chosen = isFull ? all : all.filter(({ point }) => KINDS.includes(point))
console.log(`stopped writers: ${chosen.length} of ${all.length} transactions`)

describe('SIGSTOP of whoever is inside a transaction', () => {
  test.each(chosen.map((round) => [round.point, round] as const))(
    '%s: the supervisor still rules, and says who',
    { timeout: 120_000 },
    async (_point, round) => {
      const then = async (project: ChaosProject, pid: number): Promise<string[]> => {
        await until(() => stateOf(pid) === 'T')
        try {
          return await whileStopped(project, pid)
        } finally {
          killOne(pid, 'SIGCONT')
        }
      }
      expect(await strikeAt(round, { act: 'stop', then })).toEqual([])
    },
  )

  test('and killed instead of continued: the same end', async () => {})
})

/** What must be true while a process holds the journal's write lock and does not run. */
const whileStopped = async (project: ChaosProject, pid: number): Promise<string[]> => {
  const supervisor = readLockOwner(project.layout)?.identity.pid
  if (supervisor === pid) return []
  await until(
    () =>
      reports(project).some(
        ({ context, reason }) => context === 'journal_blocked' && reason.includes(`pid ${pid} `),
      ),
    { what: `journal_blocked by ${pid}` },
  )
  if (reports(project).some(({ context }) => context === 'child_stopping')) return []
  const other = lanesOf(project).find((lane) => lane.pid !== pid)
  if (other === undefined) return ['there is no other lane']
  const asked = oc(project, ['restart', other.id])
  if (asked.exit !== 0) return [`restart ${other.id}: ${asked.output}`]
  await until(() => lanesOf(project).some(({ id, pid }) => id === other.id && pid !== other.pid), {
    what: `another ${other.id}`,
  })
  return stateOf(pid) === 'T' ? [] : [`pid ${pid} was not stopped all the time`]
}

const lanesOf = ({ layout }: ChaosProject): { id: string; pid: number }[] =>
  readRegistrations(layout.registrations).flatMap(({ intent, identity }) =>
    intent.role === 'lane' && identity !== null ? [{ id: intent.subject, pid: identity.pid }] : [],
  )

const reports = ({ layout }: ChaosProject): { context: string; reason: string }[] =>
  readFileSync(layout.supervisorLog, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { context: string; reason: string })
