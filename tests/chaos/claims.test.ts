import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readLockOwner } from '../../supervisor/supervisor-lock.ts'
import { until } from '../support/until.ts'
import { makeProject } from './chaos-project.ts'
import { oc, startRun } from './command-line.ts'
import { brokenInvariants } from './invariants.ts'
import { discard } from './project-processes.ts'
import { AUTO, MERGED } from './scenarios.ts'

test('of two supervisors on one state the second refuses, names the owner and leaves it alone', {
  timeout: 120_000,
}, async () => {
  const project = makeProject({ ...AUTO, held: true })
  try {
    const first = startRun(project)
    await until(() => readLockOwner(project.layout)?.identity.pid === first.pid, { what: 'the first to run' })
    const second = oc(project, ['run', '--until-idle'])
    expect(second.exit).toBe(1)
    expect(second.output).toContain(`already runs on ${project.layout.root}: pid ${first.pid} `)
    writeFileSync(project.agentGate, '')
    expect(await first.ended, first.output()).toEqual({ exitCode: 0, signal: null })
    expect(await brokenInvariants(project, MERGED)).toEqual([])
  } finally {
    discard(project)
  }
})
