import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { AgentLaunch, AgentType } from '../../agents/agent-type.ts'
import type { AgentConfig } from '../../contracts/compiled-manifest.ts'
import type { KeeperExit } from '../../contracts/keeper.ts'
import { systemClock } from '../../platform/clock.ts'
import { bestContainment, contain } from '../../platform/containment.ts'
import { endProcess } from '../../platform/end-process.ts'
import { git } from '../../platform/git.ts'
import { forgetRegistration } from '../../platform/registrations.ts'
import type { RunResult } from '../../platform/run-registered.ts'
import { spawnRegistered } from '../../platform/spawn-registered.ts'
import { askVersion } from './ask-version.ts'
import { type RefusingServer, startRefusingServer } from './refusing-server.ts'
import { inTrialFolders, runProgramIn, type TrialFolders, type TrialOwner } from './run-program.ts'

export interface Trial {
  readonly version: string | null
  /** Why the fleet must not use it; null where it passed. */
  readonly failed: string | null
  /** What else was seen, one sentence each. */
  readonly notes: readonly string[]
}

/** What is tried, and with which program. */
interface Candidate {
  readonly agent: AgentConfig
  readonly type: AgentType
  readonly program: readonly string[]
}

const REFUSED_WITHIN_MS = 90_000
const ASKS_WITHIN_MS = 45_000
const ENDS_WITHIN_MS = 5_000

/**
 * Tries a program before the fleet uses it, offline and with a key that opens nothing: it starts and tells its version;
 * it runs without asking anybody anything; when its model's service refuses, it ends, and not as a success; ended in
 * the middle of a request, it leaves nothing. What needs a model (an edit, usage) is not tried. A type whose model's
 * address cannot be set is only started.
 */
export const runTrial = async (candidate: Candidate, owner: TrialOwner): Promise<Trial> => {
  const { type, program } = candidate
  const asked = await inTrialFolders((folders) =>
    askVersion(folders, owner, [...program, ...type.versionArgs]),
  )
  if (!asked.ok) return { version: null, failed: asked.why, notes: [] }
  if (!type.keys.optional.includes('base_url'))
    return { version: asked.version, failed: null, notes: ['only its start was tried'] }
  const refusal = await inTrialFolders((folders) =>
    withServer('refuse', (server) => tryRefusal(candidate, folders, server, owner)),
  )
  if (refusal.failed !== null) return { version: asked.version, ...refusal }
  const end = await inTrialFolders((folders) =>
    withServer('hold', (server) => tryEnding(candidate, folders, server, owner)),
  )
  return { version: asked.version, failed: end.failed, notes: [...refusal.notes, ...end.notes] }
}

type Found = Pick<Trial, 'failed' | 'notes'>

const withServer = async <T>(
  answer: 'refuse' | 'hold',
  work: (server: RefusingServer) => Promise<T>,
): Promise<T> => {
  const server = await startRefusingServer(answer)
  try {
    return await work(server)
  } finally {
    server.close()
  }
}

const tryRefusal = async (
  candidate: Candidate,
  folders: TrialFolders,
  server: RefusingServer,
  owner: TrialOwner,
): Promise<Found> => {
  const { launch, env } = await prepare(candidate, folders, server)
  const ran = await runProgramIn(folders, owner, {
    subject: 'agent-trial',
    argv: contain(launch.argv, bestContainment()),
    env,
    ...(launch.stdinFile === null ? {} : { input: readFileSync(launch.stdinFile, 'utf8') }),
    timeoutMs: REFUSED_WITHIN_MS,
  })
  if (ran.timedOut)
    return failed(`refused by its model's service, it did not end within ${REFUSED_WITHIN_MS / 1000} s`)
  if (server.asked() === 0)
    return failed(`it ended with ${ran.exitCode ?? ran.signal} before it asked its model${lastWords(ran)}`)
  const judged = candidate.type.judge(keepStreams(folders, ran), exitOf(ran), systemClock.wallMs())
  if (judged.success && candidate.type.capabilities.terminalEvent)
    return failed('it called a run a success whose model refused every request')
  const seen = judged.failure?.class ?? 'no failure at all'
  return { failed: null, notes: seen === 'auth' ? [] : [`a refused key looks like ${seen}`] }
}

const tryEnding = async (
  candidate: Candidate,
  folders: TrialFolders,
  server: RefusingServer,
  owner: TrialOwner,
): Promise<Found> => {
  const { launch, env } = await prepare(candidate, folders, server)
  const child = await spawnRegistered({
    ...owner,
    role: 'effect',
    subject: 'agent-trial',
    argv: contain(launch.argv, bestContainment()),
    cwd: folders.workspace,
    env: { ...env, HOME: folders.home, TMPDIR: folders.tmp },
    stdinFile: launch.stdinFile,
    stdoutFile: join(folders.tmp, 'stdout'),
    stderrFile: join(folders.tmp, 'stderr'),
  })
  await untilAsked(server, child.exited)
  const left = await endProcess(
    { identity: child.identity, mark: child.intent.mark },
    { graceMs: ENDS_WITHIN_MS },
  )
  if (left === 'survived') return failed('ended in the middle of a request, it left processes behind')
  forgetRegistration({ intent: child.intent, identity: child.identity, dir: child.dir })
  return {
    failed: null,
    notes: server.asked() > 0 ? [] : ['it could not be ended in the middle of a request'],
  }
}

const failed = (why: string): Found => ({ failed: why, notes: [] })

/** Its configuration in an empty HOME, and a repository to stand in; every key it may want opens nothing. */
const prepare = async (
  { agent, type, program }: Candidate,
  folders: TrialFolders,
  server: RefusingServer,
): Promise<{ launch: AgentLaunch; env: Record<string, string> }> => {
  const promptFile = join(folders.tmp, 'prompt.md')
  const prompt = 'Say hello.\n'
  writeFileSync(promptFile, prompt)
  await git(['init', '--quiet'], { cwd: folders.workspace })
  const config = trialConfig(agent, type, server.url)
  const launch = type.compose(config, {
    ...{ task: { id: 'trial', title: 'Trial' }, attempt: 1, resume: null, restricted: true },
    ...{ workspace: folders.workspace, home: folders.home, promptFile, prompt, program },
  })
  for (const [path, text] of Object.entries(launch.homeFiles)) {
    mkdirSync(dirname(join(folders.home, path)), { recursive: true, mode: 0o700 })
    writeFileSync(join(folders.home, path), text)
  }
  const keys = Object.fromEntries(Object.keys(config.secrets).map((name) => [name, 'oc-supervise-trial']))
  return { launch, env: { ...agent.env, ...launch.env, ...keys } }
}

const trialConfig = (agent: AgentConfig, type: AgentType, baseUrl: string): AgentConfig => {
  const [name] = type.login?.variables ?? []
  const none = Object.keys(agent.secrets).length === 0
  const secrets = none && name !== undefined ? { [name]: { env: name } } : agent.secrets
  return { ...agent, baseUrl, secrets, inheritsLogin: false, model: agent.model ?? 'trial' }
}

const keepStreams = (folders: TrialFolders, ran: RunResult) => {
  const streams = {
    stdout: { file: join(folders.tmp, 'stdout') },
    stderr: { file: join(folders.tmp, 'stderr') },
  }
  writeFileSync(streams.stdout.file, ran.stdout)
  writeFileSync(streams.stderr.file, ran.stderr)
  return streams
}

/** As a keeper would have recorded it, for the type to judge. */
const exitOf = ({ exitCode, signal, stdout, stderr }: RunResult): KeeperExit => ({
  protocol: 'keeper/v1',
  attempt: 'att-trial' as KeeperExit['attempt'],
  startedAt: systemClock.now(),
  endedAt: systemClock.now(),
  exitCode,
  signal,
  stopReason: null,
  saidAtStop: null,
  stdoutBytes: stdout.length,
  stderrBytes: stderr.length,
  startError: null,
  reading: null,
})

const untilAsked = async (server: RefusingServer, exited: Promise<unknown>): Promise<void> => {
  let over = false
  void exited.then(() => {
    over = true
  })
  const deadlineMs = systemClock.monoMs() + ASKS_WITHIN_MS
  while (server.asked() === 0 && !over && systemClock.monoMs() < deadlineMs) await systemClock.sleep(50)
}

const lastWords = ({ stderr, stdout }: RunResult): string => {
  const line = (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? ''
  return line === '' ? '' : `: ${line.slice(0, 300)}`
}
