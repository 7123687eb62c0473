import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeProject } from './chaos-project.ts'
import { inPairs } from './in-pairs.ts'
import { brokenInvariants, UNDISTURBED } from './invariants.ts'
import { killAll } from './project-processes.ts'
import { runToEnd } from './run-to-end.ts'

it('x', async () => {
  const project = makeProject()
  const log = join(project.dir, 'points')
  const course = await runToEnd(project, { points: { OC_SUPERVISE_FAILPOINT_LOG: log } })
  expect(course.exit, course.output).toBe(0)
  expect(brokenInvariants(project, UNDISTURBED)).toEqual([])
  const points = [...new Set(readFileSync(log, 'utf8').trim().split('\n'))]
  console.log(points.length)
  const broken: string[] = []
  await inPairs(points, async (point) => {
    const project = makeProject()
    const once = join(project.dir, 'once')
    const t = performance.now()
    try {
      const course = await runToEnd(project, { points: { OC_SUPERVISE_FAILPOINT: `${point}=kill`, OC_SUPERVISE_FAILPOINT_ONCE: once } })
      const list = brokenInvariants(project, { ...UNDISTURBED, agentRuns: point.startsWith('keeper.') ? [1, 2] : [1, 1] })
      if (course.exit !== 0) list.push(`exit ${course.exit}`)
      if (!existsSync(once)) list.push('not fired')
      console.log(point, course.lives, Math.round(performance.now() - t), list)
      if (list.length > 0) broken.push(`${point} (${project.dir}): ${list.join('\n  ')}`)
    } catch (error) {
      broken.push(`${point} (${project.dir}): ${(error as Error).message}`)
      console.log(point, (error as Error).message)
    } finally {
      killAll(project)
    }
  })
  expect(broken).toEqual([])
}, 1_000_000)
