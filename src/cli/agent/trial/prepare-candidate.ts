import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentLaunch, AgentType } from '../../../agents/agent-type.ts'
import type { AgentConfig } from '../../../contracts/compiled-manifest.ts'
import { git } from '../../../platform/git.ts'
import { writeInside } from '../../../platform/write-inside.ts'
import type { TrialFolders } from '../run-program.ts'
import type { Candidate, Told } from './trial.ts'

/** Its configuration in its HOME, and a repository to stand in; every key it may want opens nothing. */
export const prepareCandidate = async (
  { agent, type, program }: Candidate,
  folders: TrialFolders,
  baseUrl: string,
  told: Told,
): Promise<{ launch: AgentLaunch; env: Record<string, string> }> => {
  const promptFile = join(folders.tmp, 'prompt.md')
  writeFileSync(promptFile, told.prompt)
  mkdirSync(folders.workspace, { recursive: true, mode: 0o700 })
  await git(['init', '--quiet'], { cwd: folders.workspace })
  const config = trialConfig(agent, type, baseUrl)
  const launch = type.compose(config, {
    ...{ task: { id: 'trial', title: 'Trial' }, attempt: 1, restricted: true, ...told },
    ...{ workspace: folders.workspace, home: folders.home, promptFile, program },
  })
  for (const [path, text] of Object.entries(launch.homeFiles)) writeInside(folders.home, path, text)
  const keys = Object.fromEntries(Object.keys(config.secrets).map((name) => [name, 'oc-supervise-trial']))
  return { launch, env: { ...agent.env, ...launch.env, ...keys } }
}

const trialConfig = (agent: AgentConfig, type: AgentType, baseUrl: string): AgentConfig => {
  const [name] = type.login?.variables ?? []
  const none = Object.keys(agent.secrets).length === 0
  const secrets = none && name !== undefined ? { [name]: { env: name } } : agent.secrets
  return { ...agent, baseUrl, secrets, inheritsLogin: false, model: agent.model ?? 'trial' }
}
