import { expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { makeProject } from './chaos-project.ts'
import { oc, startRun } from './command-line.ts'
import { brokenInvariants } from './invariants.ts'
import { discard } from './project-processes.ts'
import { AUTO, MERGED } from './scenarios.ts'

test('of two supervisors on one state the second refuses, names the owner and leaves it alone', {
  timeout: 120_000,
}, async () => {
  const project = makeProject(AUTO)
  try {
    const first = startRun(project)
    const second = await until(
      () => {
        const { exit, output } = oc(project, ['run', '--until-idle'])
        return output.includes('already runs') ? { exit, output } : null
      },
      { timeoutMs: 60_000 },
    )
    expect(second.exit).toBe(1)
    expect(second.output).toContain(`pid ${first.pid} `)
    expect(await first.ended).toEqual({ exitCode: 0, signal: null })
    expect(await brokenInvariants(project, MERGED)).toEqual([])
  } finally {
    discard(project)
  }
})
