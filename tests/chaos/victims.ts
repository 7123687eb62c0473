import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { ProcessRole } from '../../src/contracts/registration.ts'
import { proveIdentity } from '../../src/platform/process-identity.ts'
import { readRegistrations } from '../../src/platform/registrations.ts'
import { keeperFiles } from '../../supervisor/keeper/keeper-files.ts'
import type { ChaosProject } from './chaos-project.ts'
import { stateOf } from './project-processes.ts'

/** A process of the tree, by what it is there. */
export interface Victim {
  readonly role: ProcessRole | 'agent'
  readonly subject: string
  readonly pid: number
}

/** Everybody in the tree who lives now: supervisor, lanes, keepers, effects, agents. */
export const victimsOf = (project: ChaosProject, supervisor: number): Victim[] => [
  { role: 'supervisor', subject: 'run', pid: supervisor },
  ...readRegistrations(project.layout.registrations).flatMap(({ intent, identity }): Victim[] =>
    identity !== null && proveIdentity(identity).proof === 'alive'
      ? [{ role: intent.role, subject: intent.subject, pid: identity.pid }]
      : [],
  ),
  ...agentsOf(project),
]

/** The agents that keepers have started, by the line each wrote of itself. */
export const agentsOf = ({ layout }: ChaosProject): Victim[] =>
  attemptsIn(layout.keepers).flatMap((attempt): Victim[] => {
    const file = keeperFiles(layout.keeperDir(attempt)).agentIdentity
    const pid = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : 0
    return pid > 0 && ['R', 'S', 'D'].includes(stateOf(pid) ?? '')
      ? [{ role: 'agent', subject: attempt, pid }]
      : []
  })

const attemptsIn = (keepers: string): string[] => (existsSync(keepers) ? readdirSync(keepers) : [])
