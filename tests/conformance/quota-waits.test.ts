import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect } from 'vitest'
import { processesUnder } from '../process/support/processes-under.ts'
import { endWhenDone, oc, start } from '../process/support/product.ts'
import { attemptsIn, makeRealProject, taskOf } from '../process/support/real-project.ts'
import { REAL_AGENTS, type RealAgent, withAgentClis } from '../support/agent-clis.ts'
import { type ModelServer, startModelServer } from '../support/model-server/model-server.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'

let server: ModelServer
beforeAll(async () => {
  server = await startModelServer()
})
afterAll(() => server.close())

/** What each agent's model says until its quota is there again. */
const LIMITS = { codex: 'usage-limit', gemini: 'quota', pi: 'payment' } as const
const PATIENCE = { timeoutMs: 60_000, everyMs: 200 }

withAgentClis(
  'where a quota is used up the task waits for it: no attempt is spent, and it goes on when asked',
  { timeout: 240_000 },
  async () => {
    const dir = makeTempDir('real-quota')
    const project = makeRealProject(dir, server, LIMITS)
    endWhenDone(project.state)
    const ask = (...args: string[]) => oc([...args, '--state-dir', project.state])
    const show = async (agent: RealAgent): Promise<{ state: string; step: string | null }> =>
      JSON.parse((await ask('task', 'show', taskOf(agent), '--json')).stdout)
    const run = start(['run', '--manifest', project.manifest], { cwd: dir })

    for (const agent of REAL_AGENTS) {
      const waits = async () => (await show(agent)).step === 'deferred'
      await until(waits, { ...PATIENCE, what: `${agent} waits` })
      const { stdout } = await ask('explain', taskOf(agent))
      expect(stdout).toMatch(/next step +timer deferral at .* \(in \d+ min\)/)
    }
    // One after the other: the later ones go on with work that was begun before the others were merged.
    for (const agent of REAL_AGENTS) {
      server.become(LIMITS[agent], agent, 'recordings')
      expect(await ask('task', 'retry', taskOf(agent))).toMatchObject({ code: 0 })
      const ended = async () => ['Done', 'Blocked'].includes((await show(agent)).state)
      await until(ended, { ...PATIENCE, what: `${agent} is done` })
      expect((await show(agent)).state, (await ask('explain', taskOf(agent))).stdout).toBe('Done')
    }
    run.signal('SIGTERM')
    expect(await run.ended).toMatchObject({ code: 0 })

    // Each lane allows a single attempt: the one that met the limit did not count.
    const told = attemptsIn(project).map(
      ({ result: { agent, failure, status } }) => `${agent.type} ${failure?.class ?? status}`,
    )
    expect(told.sort()).toEqual(
      REAL_AGENTS.flatMap((agent) => [`${agent} quota_exhausted`, `${agent} succeeded`]),
    )
    const merged = (path: string) =>
      execFileSync('git', ['show', `main:${path}`], { cwd: project.remote, encoding: 'utf8' })
    expect(merged('src/total.js')).toContain('let index = 0')
    expect(merged('src/discount.js')).toContain('Math.round')
    expect(merged('.github/workflows/ci.yml')).toContain('node-version: 24')
    await until(() => processesUnder(dir).length === 0, { timeoutMs: 5_000, what: 'nothing is left' })
  },
)
