import { afterAll, beforeAll, expect } from 'vitest'
import { processesUnder } from '../process/support/processes-under.ts'
import { endWhenDone, oc, start } from '../process/support/product.ts'
import { attemptsIn, makeRealProject, taskOf } from '../process/support/real-project.ts'
import { REAL_AGENTS, type RealAgent } from '../support/agent-clis.ts'
import { type ModelServer, startModelServer } from '../support/model-server/model-server.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { longRun } from './how-much.ts'

let server: ModelServer
beforeAll(async () => {
  server = await startModelServer()
})
afterAll(() => server.close())

/** What each agent's model says until its quota is there again. */
const LIMITS = { codex: 'usage-limit', gemini: 'quota', pi: 'payment' } as const
const PATIENCE = { timeoutMs: 60_000, everyMs: 200 }

longRun(
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
      expect((await ask('explain', taskOf(agent))).stdout).toMatch(
        /next step +timer deferral at .* \(in \d+ min\)/,
      )
      server.become(LIMITS[agent], agent, 'recordings')
      expect(await ask('task', 'retry', taskOf(agent))).toMatchObject({ code: 0 })
    }
    for (const agent of REAL_AGENTS) {
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
    await until(() => processesUnder(dir).length === 0, { timeoutMs: 5_000, what: 'nothing is left' })
  },
)
