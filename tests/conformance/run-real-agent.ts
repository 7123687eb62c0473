import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { agentType } from '../../src/agents/agent-types.ts'
import { classifyRun } from '../../src/agents/classify.ts'
import { composePrompt } from '../../src/agents/compose-prompt.ts'
import { findQuestion } from '../../src/agents/find-question.ts'
import { judgeRun } from '../../src/agents/judge-run.ts'
import { unsupportedRequest } from '../../src/agents/unsupported-request.ts'
import { agentProgram } from '../../src/cli/compose/agent-program.ts'
import { agentSandbox } from '../../src/cli/compose/agent-sandbox.ts'
import { keeperPort } from '../../src/cli/compose/keeper-port.ts'
import { loadPorts } from '../../src/cli/compose/load-ports.ts'
import type { AgentOutcome } from '../../src/contracts/agent-run.ts'
import type { CompiledManifest } from '../../src/contracts/compiled-manifest.ts'
import { EFFECT_IO } from '../../src/contracts/effect-io.ts'
import { KeeperSpec } from '../../src/contracts/keeper.ts'
import { agentStarts } from '../../src/effects/agent-starts.ts'
import type { LoginPort } from '../../src/effects/login-port.ts'
import { runAgentEffect } from '../../src/effects/run-agent.ts'
import { loadManifest } from '../../src/manifest/load-manifest.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { findMarked } from '../../src/platform/end-process.ts'
import { selfIdentity } from '../../src/platform/process-identity.ts'
import { newId } from '../../src/platform/random.ts'
import { findSandbox } from '../../src/platform/sandbox/find-sandbox.ts'
import { stateLayout } from '../../src/platform/state-layout.ts'
import { keeperFiles } from '../../supervisor/keeper/keeper-files.ts'
import { WILLING } from '../effects/support/run-agent-ports.ts'
import { processesUnder } from '../process/support/processes-under.ts'
import { agentCli, type RealAgent } from '../support/agent-clis.ts'
import type { LoggedRequest, ModelServer } from '../support/model-server/model-server.ts'
import type { ScenarioName } from '../support/model-server/scenarios.ts'
import { makeTempDir } from '../support/temp-dir.ts'

/** Contained as by default where this host can; in CI it must. */
export const SANDBOX = (() => {
  const found = findSandbox()
  if (!found.ok && process.env.CI === 'true') throw new Error(`no sandbox: ${found.missing}; ${found.remedy}`)
  return found.ok ? 'on' : 'off'
})()

/** The ceilings of a profile, as a manifest writes them. */
export interface Ceilings {
  readonly timeout?: string
  readonly idle_timeout?: string
  readonly tool_timeout?: string
  readonly progress_fuel?: number
  readonly max_tokens?: number
  readonly price?: { readonly input_usd: number; readonly output_usd: number }
}

/** What is to be seen after a real agent has run against a scripted model. */
export interface RealRun {
  readonly outcome: AgentOutcome
  readonly requests: readonly LoggedRequest[]
  readonly workspace: string
  /** Processes that carry the run's mark or name its folder. */
  readonly left: readonly number[]
  readonly tookMs: number
  /** For people who look into a failure: the last of what it wrote. */
  readonly said: string
}

/** How each program is told where its model is, and under which variable it finds its key. */
export const PROFILES: Readonly<
  Record<RealAgent, { key: string; model: string; baseUrl(served: string): string }>
> = {
  codex: { key: 'OPENAI_API_KEY', model: 'mock-model', baseUrl: (served) => `${served}/v1` },
  gemini: { key: 'GEMINI_API_KEY', model: 'gemini-2.5-flash', baseUrl: (served) => served },
  pi: { key: 'OPENAI_API_KEY', model: 'mock-model', baseUrl: (served) => `${served}/v1` },
}

/**
 * Runs one agent as production does: our own effect, a real keeper, its own HOME, a key that opens nothing, and a model
 * that is a scenario.
 */
export const runRealAgent = async (
  server: ModelServer,
  agent: RealAgent,
  scenario: ScenarioName,
  ceilings: Ceilings,
  reservedUsd: number | null = null,
): Promise<RealRun> => {
  const dir = makeTempDir(`real-${agent}`)
  const manifest = profileManifest(dir, server.at(scenario, agent), agent, ceilings)
  const layout = stateLayout(manifest.stateDir)
  const workspace = makeWorkspace(join(layout.workspaces, 'w'))
  const clock = systemClock
  const owner = { incarnation: newId('inc'), identity: selfIdentity() }
  const effect = runAgentEffect({
    manifest,
    layout,
    clock,
    keepers: keeperPort(layout, owner, clock),
    ledger: { ...WILLING, reserve: async () => granted(reservedUsd) },
    login: NOBODY,
    agentTypeOf: agentType,
    composePrompt,
    judgeRun,
    classifyRun,
    unsupportedRequest,
    findQuestion,
    sandbox: agentSandbox(manifest, layout),
    starts: agentStarts(),
    programOf: agentProgram,
  })
  const input = taskInput(agent, workspace)
  const actor = input.proposal.taskId
  const beganMs = performance.now()
  const outcome = await effect.perform(
    {
      effectId: `${actor}/agent/1`,
      actor,
      fence: { actor, token: 1, check: async () => {} },
      signal: new AbortController().signal,
      now: clock.now(),
    },
    input,
  )
  const files = keeperFiles(layout.keeperDir(input.attemptId))
  const { mark } = KeeperSpec.parse(JSON.parse(readFileSync(files.spec, 'utf8')))
  return {
    outcome: EFFECT_IO.runAgent.output.parse(outcome),
    requests: server.requests(scenario, agent),
    workspace,
    left: [...new Set([...findMarked(mark), ...processesUnder(dir)])],
    tookMs: performance.now() - beganMs,
    said: [files.stdout, files.stderr].map((file) => readFileSync(file, 'utf8').slice(-1500)).join('\n---\n'),
  }
}

/** A profile as a person would write it, read and compiled as theirs is. */
const profileManifest = (
  dir: string,
  served: string,
  agent: RealAgent,
  ceilings: Ceilings,
): CompiledManifest => {
  const { key, model, baseUrl } = PROFILES[agent]
  const path = join(dir, 'oc-supervise.yaml')
  writeFileSync(join(dir, 'key'), 'dummy\n')
  // JSON is YAML.
  const text = JSON.stringify({
    version: 1,
    name: 'real',
    state_dir: 'state',
    sandbox: SANDBOX,
    repos: {},
    agents: {
      [agent]: {
        type: agent,
        command: [agentCli(agent)],
        model,
        base_url: baseUrl(served),
        auth: { file: 'key', as: key },
        timeout: '50s',
        idle_timeout: '15s',
        ...ceilings,
      },
    },
    lanes: {},
  })
  writeFileSync(path, text)
  const loaded = loadManifest(path, loadPorts({ HOME: dir }))
  if (!loaded.ok)
    throw new Error(loaded.problems.map((one) => `${one.key}: ${one.message}; ${one.remedy}`).join('\n'))
  return loaded.manifest
}

const makeWorkspace = (path: string): string => {
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'README.md'), '# sample\n')
  const env = { PATH: process.env.PATH ?? '', HOME: dirname(path), GIT_CONFIG_NOSYSTEM: '1' }
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', path], { env })
  return path
}

const granted = (usd: number | null) => ({ granted: true as const, limits: { usd, tokens: null } })

/** Nobody's login is ever lent here. */
const NOBODY: LoginPort = {
  lend: () => {
    throw new Error('a test asked for a login of this machine')
  },
  takeBack: async () => {},
}

const taskInput = (agent: RealAgent, workspace: string) => {
  const sha = '0'.repeat(40)
  return EFFECT_IO.runAgent.input.parse({
    attemptId: newId('att'),
    attempt: 1,
    proposal: {
      taskId: newId('task'),
      runId: newId('run'),
      repo: 'sample',
      baseBranch: 'main',
      title: 'Greet in a file',
      goal: 'Write a greeting to hello.txt.',
      constraints: null,
      type: 'simple_edit',
      risk: 'low',
      allowedPaths: [],
      checks: [],
      labels: [],
      trust: 'trusted',
      manifestHash: '0'.repeat(64),
      proposedAtMs: 0,
    },
    decision: { lane: 'goal', agent, agentType: agent, model: null, rule: 'lane', rationale: 'the only one' },
    workspace: { path: workspace, baseBranch: 'main', baseSha: sha, startSha: sha },
    priorFailures: [],
    revision: null,
  })
}
