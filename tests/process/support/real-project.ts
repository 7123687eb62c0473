import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { PROFILES, SANDBOX } from '../../conformance/run-real-agent.ts'
import { agentCli, REAL_AGENTS, type RealAgent } from '../../support/agent-clis.ts'
import type { ModelServer } from '../../support/model-server/model-server.ts'
import type { ScenarioName } from '../../support/model-server/scenarios.ts'

const SHIPPED = fileURLToPath(new URL('../../../manifests', import.meta.url))

/** One lane an agent, and the demo's task that it takes. */
const WORK: Readonly<Record<RealAgent, { lane: 'goal' | 'test' | 'improve'; task: string }>> = {
  codex: { lane: 'goal', task: 'first-line' },
  gemini: { lane: 'test', task: 'node-version' },
  pi: { lane: 'improve', task: 'discount' },
}

export const taskOf = (agent: RealAgent): string => `task-${WORK[agent].task}`

/** The demo's project, tasks and operator, with a real agent in every lane. */
export interface RealProject {
  readonly manifest: string
  readonly state: string
  readonly remote: string
}

/** Writes it into a folder. `scenarios`: what each agent's model does. */
export const makeRealProject = (
  dir: string,
  server: ModelServer,
  scenarios: Readonly<Record<RealAgent, ScenarioName>>,
): RealProject => {
  cpSync(join(SHIPPED, 'demo'), join(dir, 'demo'), { recursive: true })
  const { tasks } = parse(readFileSync(join(dir, 'demo/tasks.yaml'), 'utf8')) as {
    tasks: { key: string }[]
  }
  const kindOf = (key: string) =>
    REAL_AGENTS.map((agent) => WORK[agent]).find(({ task }) => task === key)?.lane
  writeFileSync(
    join(dir, 'tasks.yaml'),
    JSON.stringify({ tasks: tasks.map((task) => ({ ...task, kind: kindOf(task.key) })) }),
  )
  writeFileSync(join(dir, 'key'), 'dummy\n')
  const manifest = join(dir, 'oc-supervise.yaml')
  const forEach = <T>(give: (agent: RealAgent) => [string, T]): Record<string, T> =>
    Object.fromEntries(REAL_AGENTS.map(give))
  const demo = parse(readFileSync(join(SHIPPED, 'demo.yaml'), 'utf8'))
  writeFileSync(
    manifest,
    // JSON is YAML.
    JSON.stringify({
      ...demo,
      name: 'real',
      sandbox: SANDBOX,
      state_dir: 'state',
      // One of its tasks edits CI on purpose: its operator looks at that.
      repos: { till: { ...demo.repos.till, url: 'state/remote.git', tampering: 'review' } },
      board: { type: 'local', import: 'tasks.yaml' },
      agents: forEach((agent) => [
        agent,
        {
          type: agent,
          command: [agentCli(agent)],
          model: PROFILES[agent].model,
          base_url: PROFILES[agent].baseUrl(server.at(scenarios[agent], agent)),
          auth: { file: 'key', as: PROFILES[agent].key },
          timeout: '2m',
          idle_timeout: '1m',
        },
      ]),
      // One attempt each: whatever counts as one and fails is seen.
      lanes: { ...forEach((agent) => [WORK[agent].lane, { agent, max_attempts: 1 }]), review: {} },
      services: {
        remote: { ...demo.services.remote, command: ['demo/make-remote.sh', 'state/remote.git'] },
        operator: { ...demo.services.operator, command: ['demo/operator.sh', 'state/real'] },
      },
    }),
  )
  return { manifest, state: join(dir, 'state/real'), remote: join(dir, 'state/remote.git') }
}

/** What the evidence says of every attempt. */
export const attemptsIn = ({ state }: RealProject) =>
  foldersIn(join(state, 'runs'))
    .flatMap(foldersIn)
    .map((attempt) => ({
      result: JSON.parse(readFileSync(join(attempt, 'result.json'), 'utf8')),
      execution: JSON.parse(readFileSync(join(attempt, 'execution_record.json'), 'utf8')),
    }))

const foldersIn = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^(run|att)-/.test(entry.name))
    .map(({ name }) => join(dir, name))
