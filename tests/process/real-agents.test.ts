import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect } from 'vitest'
import { SANDBOX } from '../conformance/run-real-agent.ts'
import { REAL_AGENTS, type RealAgent, withAgentClis } from '../support/agent-clis.ts'
import { USAGE } from '../support/model-server/answer.ts'
import { type ModelServer, startModelServer } from '../support/model-server/model-server.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { processesUnder } from './support/processes-under.ts'
import { endWhenDone, oc, straysOf } from './support/product.ts'
import { attemptsIn, makeRealProject } from './support/real-project.ts'

let server: ModelServer
beforeAll(async () => {
  server = await startModelServer()
})
afterAll(() => server.close())

const VERSIONS: Readonly<Record<RealAgent, string>> = { codex: '0.169.0', gemini: '0.61.0', pi: '0.73.1' }

withAgentClis(
  'three real agents each take a task of the demo to a merged change',
  async () => {
    const dir = makeTempDir('real-agents')
    const project = makeRealProject(dir, server, {
      codex: 'recordings',
      gemini: 'recordings',
      pi: 'recordings',
    })
    endWhenDone(project.state)
    const json = async <T>(...args: string[]): Promise<T> =>
      JSON.parse((await oc([...args, '--json', '--state-dir', project.state])).stdout)

    const run = await oc(['run', '--until-idle', '--manifest', project.manifest], { cwd: dir })
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout).toContain('3 done, 0 blocked, 0 waiting for a person; exit 0')

    const { tasks } = await json<{ tasks: { id: string; state: string; title: string }[] }>('task', 'list')
    expect(tasks.map(({ state }) => state)).toEqual(['Done', 'Done', 'Done'])
    const log = execFileSync('git', ['log', '--format=%s', 'main'], { cwd: project.remote, encoding: 'utf8' })
    const titles = log.trim().split('\n')
    expect(titles.slice(0, 3).sort()).toEqual(tasks.map(({ title }) => title).sort())
    expect(titles).toHaveLength(4)

    const { runs } = await json<{ runs: { id: string; task: string }[] }>('runs', 'list')
    expect(runs).toHaveLength(3)
    const records = attemptsIn(project)
    expect(records).toHaveLength(3)
    for (const agent of REAL_AGENTS) {
      const record = records.find(({ execution }) => execution.routing.agentType === agent)
      const answers = server.requests('recordings', agent)
      expect(answers.every(({ authenticated }) => authenticated)).toBe(true)
      expect(record, JSON.stringify(record?.execution.agentRun)).toMatchObject({
        result: { status: 'succeeded', recorded: false },
        execution: {
          agentRun: {
            agentVersion: VERSIONS[agent],
            containment: {
              sandbox: SANDBOX === 'off' ? 'off' : expect.not.stringMatching(/^(off|missing)$/),
            },
            usage: {
              inputTokens: answers.length * USAGE.input,
              cachedInputTokens: answers.length * USAGE.cachedInput,
              outputTokens: answers.length * USAGE.output,
            },
          },
        },
      })
    }

    const verified = await oc(['verify', '--state-dir', project.state])
    expect(verified, verified.stdout).toMatchObject({ code: 0, stderr: '' })
    expect(await straysOf(project.state)).toEqual([])
    await until(() => processesUnder(dir).length === 0, { timeoutMs: 5_000, what: 'nothing is left' })
  },
  240_000,
)
