import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stateLayout } from '../../src/platform/state-layout.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { makeTestRepo } from '../support/test-repo.ts'
import { oc } from './command-line.ts'

/** One system of its own: manifest, bare remote, agent and state, all below one folder that names its processes. */
export interface ChaosProject {
  readonly dir: string
  readonly manifest: string
  readonly remote: string
  readonly layout: ReturnType<typeof stateLayout>
  /** The agent writes one line here each time it is run. */
  readonly agentRuns: string
  /** Where `held` is asked for, the agent waits until this file is there. */
  readonly agentGate: string
}

export interface ProjectKind {
  /** The files its tasks are to write, one each; as many tasks are worked on at once. */
  readonly files: readonly string[]
  readonly merge: 'auto' | 'manual'
  /** The agent waits for `agentGate` before it writes. */
  readonly held: boolean
  /** How long the agent works, in seconds. */
  readonly works: string
  /** What the one check runs. */
  readonly check: string
  /** A service that only sleeps, to see whether the supervisor can still end and start somebody. */
  readonly bystander: boolean
  /** How long a lane may be silent before it is judged. */
  readonly staleAfter: string
}

const templates = new Map<string, string>()

/** A fresh project with its tasks on the board, copied from the first of its kind: making one takes a second. */
export const makeProject = (kind: ProjectKind): ChaosProject => {
  const key = JSON.stringify(kind)
  const template = templates.get(key) ?? makeTemplate(kind)
  templates.set(key, template)
  const dir = makeTempDir('chaos')
  cpSync(template, dir, { recursive: true })
  return projectIn(dir)
}

const projectIn = (dir: string): ChaosProject => ({
  dir,
  manifest: join(dir, 'oc-supervise.yaml'),
  remote: join(dir, 'remote.git'),
  layout: stateLayout(join(dir, 'state', 'chaos')),
  agentRuns: join(dir, 'agent-runs'),
  agentGate: join(dir, 'agent-gate'),
})

const makeTemplate = (kind: ProjectKind): string => {
  const dir = makeTempDir('chaos-template')
  makeTestRepo(dir)
  mkdirSync(join(dir, 'home'), { recursive: true })
  writeFileSync(join(dir, 'oc-supervise.yaml'), manifestOf(kind))
  writeFileSync(join(dir, 'agent.sh'), agentOf(kind))
  chmodSync(join(dir, 'agent.sh'), 0o755)
  for (const file of kind.files) {
    const added = oc(projectIn(dir), ['task', 'add', '--goal', `Write ${file}`])
    if (added.exit !== 0) throw new Error(`task add: ${added.output}`)
  }
  return dir
}

/** Everything that waits waits shortly, so that a restart is quick; what judges a life is generous, so that none is misjudged. */
const manifestOf = ({ files, merge, check, bystander, staleAfter }: ProjectKind): string => `version: 1
name: chaos
state_dir: ./state
sandbox: off
repos:
  project: {url: ./remote.git, checks: ["${check}"], merge: ${merge}}
agents:
  scribe: {type: command, command: [./agent.sh], timeout: 2m}
lanes:
  goal: {agent: scribe, concurrency: ${files.length}, poll_interval: 300ms, retry_delay: 50ms, max_attempts: 1}
  review: {poll_interval: 300ms}
gates: {signing: optional}
${bystander ? 'services: {bystander: {command: [sleep, "600"], start: before_lanes, stop_timeout: 1s}}' : ''}
supervision:
  heartbeat: {every: 500ms, stale_after: ${staleAfter}}
  probe: {every: 1s, answer_within: 900ms}
  restart: {max: 1000, within: 10s, backoff_min: 10ms, backoff_max: 100ms}
`

/** Its own path names the project; nothing of ours is in its environment. */
const agentOf = ({ held, works }: ProjectKind): string => `#!/bin/sh
here=$(dirname "$0")
echo $$ >>"$here/agent-runs"
file=$(sed -n 's/.*Write \\([a-z]*\\.txt\\).*/\\1/p' | head -n 1)
sleep ${works}
${held ? 'until [ -e "$here/agent-gate" ]; do sleep 0.05; done' : ''}
echo work >"$file"
`

/** The remote as git shows it. */
export const gitIn = ({ remote }: ChaosProject, ...args: string[]): string[] =>
  execFileSync('git', ['--git-dir', remote, ...args], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')

/** How often the agent was started. */
export const agentRunsOf = ({ agentRuns }: ChaosProject): number =>
  existsSync(agentRuns) ? readFileSync(agentRuns, 'utf8').split('\n').length - 1 : 0
