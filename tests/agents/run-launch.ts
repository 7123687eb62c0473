import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { AgentJudgement, AgentRequest, AgentType } from '../../src/agents/agent-type.ts'
import type { AgentConfig } from '../../src/contracts/compiled-manifest.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { agentConfig, agentRequest, keeperExit } from './agent-fixture.ts'
import { streamsOf } from './recorded-stream.ts'

const FAKES = join(import.meta.dirname, '../fixtures/agents')

export interface Launched {
  readonly workspace: string
  readonly home: string
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
  readonly judged: AgentJudgement
}

/**
 * Starts what a type composes with a fake program of ours in the place of the real one, as a keeper would: its own HOME,
 * nothing of our environment, its own process group. `during` may stop it.
 */
export const runLaunch = async (
  agent: AgentType,
  fake: string,
  options: {
    readonly prompt: string
    readonly config?: Partial<AgentConfig>
    readonly request?: Partial<AgentRequest>
    readonly env?: Record<string, string>
    /** What lies in its HOME from before, by name. */
    readonly homeFiles?: Record<string, string>
    readonly during?: (running: {
      readonly stdout: () => string
      readonly terminate: () => void
    }) => Promise<void>
  },
): Promise<Launched> => {
  const dir = makeTempDir(fake)
  const [workspace, home, promptFile] = [join(dir, 'w'), join(dir, 'home'), join(dir, 'prompt.md')]
  mkdirSync(workspace)
  mkdirSync(home)
  writeFileSync(promptFile, options.prompt)
  const program = [process.execPath, join(FAKES, `${fake}.ts`)]
  const launch = agent.compose(
    agentConfig({ type: agent.type, command: program, ...options.config }),
    agentRequest({ workspace, home, promptFile, prompt: options.prompt, program, ...options.request }),
  )
  for (const [path, text] of Object.entries({ ...options.homeFiles, ...launch.homeFiles })) {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    writeFileSync(join(home, path), text)
  }
  const [command = '', ...args] = launch.argv
  const child = spawn(command, args, {
    cwd: workspace,
    env: { PATH: process.env.PATH, HOME: home, TERM: 'dumb', ...options.env, ...launch.env },
    detached: true,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  child.stdin.end(launch.stdinFile === null ? '' : readFileSync(launch.stdinFile))
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  const terminate = (): void => void process.kill(-(child.pid ?? 0), 'SIGTERM')
  await options.during?.({ stdout: () => stdout, terminate })
  const exitCode = await exited
  const judged = agent.judge(streamsOf(stdout, stderr), keeperExit({ exitCode }), Date.now())
  return { workspace, home, stdout, stderr, exitCode, judged }
}
