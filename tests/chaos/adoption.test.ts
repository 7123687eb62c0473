import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { KeeperOwner } from '../../src/contracts/keeper.ts'
import { SupervisorReport } from '../../src/contracts/supervisor-report.ts'
import { proveIdentity } from '../../src/platform/process-identity.ts'
import { readRegistrations } from '../../src/platform/registrations.ts'
import { keeperFiles } from '../../supervisor/keeper/keeper-files.ts'
import { until } from '../support/until.ts'
import { type ChaosProject, makeProject } from './chaos-project.ts'
import { type Life, startRun } from './command-line.ts'
import { brokenInvariants, statusExit } from './invariants.ts'
import { discard, killOne } from './project-processes.ts'
import { AUTO, MERGED } from './scenarios.ts'
import { type Victim, victimsOf } from './victims.ts'

const ADOPTED_WITHIN_MS = 1_000
/** A host that is busy with other tests may be late; one that never makes it in time is not busy. */
const TRIES = 3

const HELD = { ...AUTO, held: true }

type Who = 'supervisor' | 'goal'
const ROWS: readonly (readonly [string, readonly Who[]])[] = [
  ['the supervisor', ['supervisor']],
  ['its lane', ['goal']],
  ['both', ['supervisor', 'goal']],
]

describe('an agent that works while its keepers die', () => {
  test.each(ROWS)(
    'kill -9 of %s: it lives, is adopted within a second of the return, and is not run again',
    { timeout: 120_000, retry: TRIES - 1 },
    async (_who, killed) => {
      const project = makeProject(HELD)
      try {
        const first = startRun(project)
        const agent = await until(() => agentOf(project, first), { timeoutMs: 30_000, what: 'the agent' })
        const owner = ownerOf(project)

        for (const subject of killed) kill(project, first, subject)
        const isAlone = killed.includes('supervisor')
        if (isAlone) {
          await first.ended
          expect(await statusExit(project), 'survivors').toBe(11)
        }

        const last = isAlone ? startRun(project) : first
        const tookMs = killed.includes('goal')
          ? await until(() => newOwnerMs(project, owner), { what: 'a new owner of the keeper' })
          : await until(() => adoptedMs(project), { what: 'the adoption of the lane' })
        expect(tookMs).toBeLessThanOrEqual(ADOPTED_WITHIN_MS)
        expect(agentOf(project, last)).toEqual(agent)

        writeFileSync(project.agentGate, '')
        expect(await last.ended, last.output()).toEqual({ exitCode: 0, signal: null })
        expect(await brokenInvariants(project, MERGED)).toEqual([])
      } finally {
        discard(project)
      }
    },
  )
})

const agentOf = (project: ChaosProject, life: Life): Victim | undefined =>
  victimsOf(project, life.pid).find(({ role }) => role === 'agent')

const kill = (project: ChaosProject, life: Life, subject: Who): void => {
  const victim = victimsOf(project, life.pid).find((one) => one.subject === subject || one.role === subject)
  if (victim === undefined || !killOne(victim.pid, 'SIGKILL'))
    throw new Error(`there is no ${subject} to kill`)
}

const ownerOf = (project: ChaosProject): KeeperOwner => {
  const [attempt] = attemptsOf(project)
  const file = keeperFiles(project.layout.keeperDir(attempt ?? '')).owner
  return KeeperOwner.parse(JSON.parse(readFileSync(file, 'utf8')))
}

const attemptsOf = (project: ChaosProject): string[] => readdirSync(project.layout.keepers)

/** From the start of the newest supervisor or, where it never died, of the new lane until the keeper has its new owner. */
const newOwnerMs = (project: ChaosProject, before: KeeperOwner): number | null => {
  const owner = ownerOf(project)
  if (owner.incarnation === before.incarnation || proveIdentity(owner.identity).proof !== 'alive') return null
  const supervisor = startsOf(project)[1]
  const lane = readRegistrations(project.layout.registrations).find(
    ({ intent }) => intent.incarnation === owner.incarnation,
  )
  const returned = supervisor?.at ?? lane?.intent.at
  return returned === undefined ? null : owner.at.monoMs - returned.monoMs
}

/** From the start of the second supervisor until it has adopted the lane that holds the agent. */
const adoptedMs = (project: ChaosProject): number | null => {
  const returned = startsOf(project)[1]
  const adopted = reportsOf(project).find(
    ({ context, child }) => context === 'child_adopted' && child === 'goal',
  )
  return returned === undefined || adopted === undefined ? null : adopted.at.monoMs - returned.at.monoMs
}

const startsOf = (project: ChaosProject): SupervisorReport[] =>
  reportsOf(project).filter(({ context }) => context === 'supervisor_started')

const reportsOf = ({ layout }: ChaosProject): SupervisorReport[] =>
  readFileSync(layout.supervisorLog, 'utf8')
    .trim()
    .split('\n')
    .map((line) => SupervisorReport.parse(JSON.parse(line)))
