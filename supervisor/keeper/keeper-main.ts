/**
 * The keeper: `node keeper-main.ts FOLDER`. The small process that owns one agent process, so that neither a lane nor
 * the supervisor can take the agent down with it. It reads spec.json, runs the agent, ends it when a ceiling is
 * reached, when it is asked to, or when it has had no owner for too long, and writes exit.json as its last act.
 *
 * Everything it needs is imported here, at start: an upgrade of the files on disk never touches a keeper that runs.
 * Exit codes: 0 the record is written; 2 the spec cannot be used; 4 the folder has a keeper already.
 */
import { fstatSync, readFileSync } from 'node:fs'
import type { StopReason } from '../../src/contracts/agent-run.ts'
import type { Instant } from '../../src/contracts/instant.ts'
import type { KeeperExit, KeeperSpec } from '../../src/contracts/keeper.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { endProcess } from '../../src/platform/end-process.ts'
import { failPoint } from '../../src/platform/fail-point.ts'
import { identityOf, selfIdentity } from '../../src/platform/process-identity.ts'
import { kernelOomKills } from '../../src/platform/process-load.ts'
import { tryWrite } from '../../src/platform/try-write.ts'
import { followFiles } from './follow-files.ts'
import type { KeeperSelf } from './inspect-keeper.ts'
import { type KeeperFiles, keeperFiles } from './keeper-files.ts'
import { createMeter } from './meter.ts'
import { parseKeeperSpec } from './parse-spec.ts'
import { type SpawnedAgent, spawnAgent, UNREGISTERED_EXIT } from './spawn-agent.ts'
import { type WatchedAgent, watchAgent } from './watch-agent.ts'
import { writeDurable, writeOnce } from './write-once.ts'

type Ended = Pick<KeeperExit, 'exitCode' | 'signal' | 'stopReason' | 'saidAtStop' | 'startError' | 'reading'>

/** How often what carries the agent's mark is swept before we give up on it (unkillable: state D). */
const SWEEPS = 5

/** How soon a disk that was full is tried again. */
const NO_ROOM_RETRY_MS = 1_000

let stopAsked = false
let onStopAsked = (): void => {}
process.on('SIGHUP', () => {})
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    stopAsked = true
    onStopAsked()
  })
}

const main = async (dir: string | undefined): Promise<number> => {
  if (dir === undefined) return refuse('usage: keeper-main FOLDER')
  const files = keeperFiles(dir)
  let spec: KeeperSpec
  try {
    spec = parseKeeperSpec(readFileSync(files.spec, 'utf8'))
  } catch (error) {
    return refuse(`${files.spec} is not a keeper's spec: ${(error as Error).message}`)
  }
  failPoint('keeper.started')
  const startedAt = systemClock.now()
  if (!writeOnce(files.self, selfOf(spec, startedAt))) return 4
  failPoint('keeper.claimed')
  const { ended, bytes } = await runAgent(spec, files)
  failPoint('keeper.agent_ended')
  const record: KeeperExit = {
    protocol: 'keeper/v1',
    attempt: spec.attempt,
    startedAt,
    endedAt: systemClock.now(),
    ...ended,
    stdoutBytes: bytes[0] ?? 0,
    stderrBytes: bytes[1] ?? 0,
  }
  // What a run came to must not be lost for want of room: it would be run, and paid, once more.
  while (tryWrite(() => writeDurable(files.exit, record)) !== null) await systemClock.sleep(NO_ROOM_RETRY_MS)
  failPoint('keeper.exit_written')
  return 0
}

/** keeper.json (KeeperSelf of inspect-keeper.ts): what others need to find us, and to end the agent without us. */
const selfOf = (spec: KeeperSpec, at: Instant): KeeperSelf => ({
  protocol: 'keeper/v1',
  identity: selfIdentity(),
  mark: process.env.OC_SUPERVISE_MARK ?? '',
  agentMark: spec.mark,
  stopGraceMs: spec.limits.stopGraceMs,
  at,
})

/** From the agent's start until nothing of it is left. */
const runAgent = async (spec: KeeperSpec, files: KeeperFiles): Promise<{ ended: Ended; bytes: number[] }> => {
  const oomKillsBefore = kernelOomKills()
  const meter = spec.meter == null ? null : createMeter(spec.meter, spec.limits.fuel ?? null)
  const { HOME } = spec.agent.env
  const written = followFiles(HOME ?? '', HOME === undefined ? [] : (spec.meter?.files ?? []), (of, line) =>
    meter?.knowFile(of, line),
  )
  let agent: SpawnedAgent
  try {
    agent = spawnAgent(spec, files)
  } catch (error) {
    return { ended: notStarted((error as Error).message), bytes: [] }
  }
  const exited = exitOf(agent)
  const { pid } = agent.child
  failPoint('keeper.agent_started')
  const ended =
    pid === undefined ? await exited : await keepAgent(spec, files, { agent, pid, meter, written, exited })
  return {
    ended: { ...ended, stopReason: ended.stopReason ?? oomReason(spec, ended, oomKillsBefore) },
    bytes: agent.outputs.map((file) => fstatSync(file).size),
  }
}

interface StartedAgent extends WatchedAgent {
  readonly exited: Promise<Ended>
}

/** Waits for the agent's end, or brings it about; then sweeps what it left behind. */
const keepAgent = async (
  spec: KeeperSpec,
  files: KeeperFiles,
  { agent, pid, meter, written, exited }: StartedAgent,
): Promise<Ended> => {
  // Our child, and not reaped before the event loop turns: the row is there even if it has ended.
  const target = { identity: identityOf(pid), mark: spec.mark }
  const watch = watchAgent(spec, files, { agent, pid, meter, written })
  onStopAsked = watch.askStop
  if (stopAsked) watch.askStop()
  const first = await Promise.race([exited, watch.stopWanted])
  watch.close()
  const stop = 'reason' in first ? first : null
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const graceMs = stop === null || sweep > 0 ? 0 : spec.limits.stopGraceMs
    if ((await endProcess(target, { graceMs })) === 'gone') break
  }
  return {
    ...(await exited),
    stopReason: stop?.reason ?? null,
    saidAtStop: stop?.said ?? null,
    reading: watch.reading(),
  }
}

const exitOf = (agent: SpawnedAgent): Promise<Ended> =>
  new Promise((resolve) => {
    agent.child.once('error', (error) => resolve(notStarted(error.message)))
    agent.child.once('exit', (exitCode, signal) =>
      resolve(
        exitCode === UNREGISTERED_EXIT && !hasIdentity(agent)
          ? notStarted('it could not write its identity')
          : { ...ENDED, exitCode, signal },
      ),
    )
  })

const hasIdentity = (agent: SpawnedAgent): boolean => {
  try {
    return readFileSync(agent.identityFile, 'utf8').endsWith('\n')
  } catch {
    return false
  }
}

const ENDED: Ended = {
  exitCode: null,
  signal: null,
  stopReason: null,
  saidAtStop: null,
  startError: null,
  reading: null,
}

const notStarted = (startError: string): Ended => ({ ...ENDED, startError })

/** A SIGKILL that nobody of ours sent, while the kernel was short of memory: the memory ceiling of the host. */
const oomReason = (spec: KeeperSpec, ended: Ended, oomKillsBefore: number): StopReason | null => {
  const killed =
    ended.signal === 'SIGKILL' || (spec.containment.level === 'namespace' && ended.exitCode === 137)
  return killed && kernelOomKills() > oomKillsBefore ? 'memory' : null
}

const refuse = (message: string): number => {
  process.stderr.write(`keeper: ${message}\n`)
  return 2
}

main(process.argv[2]).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`keeper: ${error instanceof Error ? error.stack : String(error)}\n`)
    process.exit(1)
  },
)
