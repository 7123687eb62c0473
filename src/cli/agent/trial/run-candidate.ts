import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMeter } from '../../../../supervisor/keeper/meter.ts'
import type { AgentJudgement } from '../../../agents/agent-type.ts'
import { judgeRun } from '../../../agents/judge-run.ts'
import type { KeeperExit } from '../../../contracts/keeper.ts'
import { systemClock } from '../../../platform/clock.ts'
import { bestContainment, contain } from '../../../platform/containment.ts'
import type { RunResult } from '../../../platform/run-registered.ts'
import { runProgramIn } from '../run-program.ts'
import { prepareCandidate } from './prepare-candidate.ts'
import type { Candidate, Place, Told } from './trial.ts'
import { type Conduct, type Served, startTrialServer } from './trial-server.ts'
import type { TokenCounts } from './wires/wire.ts'

/** What is to be seen once a candidate was run. */
export interface SeenRun {
  readonly ran: RunResult
  /** How long it was given, in ms. */
  readonly withinMs: number
  /** How many requests came. */
  readonly asked: number
  readonly served: readonly Served[]
  /** What its type makes of what it wrote. */
  readonly judged: AgentJudgement
  /** What a keeper would have counted while it ran; null where its stream tells no usage. */
  readonly metered: TokenCounts | null
}

/** Runs a candidate to its end, at most `limits.endsMs`, with a model that behaves as told. */
export const runCandidate = async (
  candidate: Candidate,
  place: Place,
  conduct: Conduct,
  told: Told,
): Promise<SeenRun> => {
  const { folders, owner, limits } = place
  const server = await startTrialServer(conduct)
  try {
    const { launch, env } = await prepareCandidate(candidate, folders, server.url, told)
    const ran = await runProgramIn(folders, owner, {
      subject: 'agent-trial',
      argv: contain(launch.argv, bestContainment()),
      env,
      ...(launch.stdinFile === null ? {} : { input: readFileSync(launch.stdinFile, 'utf8') }),
      timeoutMs: limits.endsMs,
    })
    const streams = {
      stdout: { file: join(folders.tmp, 'stdout') },
      stderr: { file: join(folders.tmp, 'stderr') },
    }
    writeFileSync(streams.stdout.file, ran.stdout)
    writeFileSync(streams.stderr.file, ran.stderr)
    return {
      ran,
      withinMs: limits.endsMs,
      asked: server.asked(),
      served: server.served(),
      judged: judgeRun(candidate.type, streams, exitOf(ran), systemClock.wallMs()),
      metered: meteredIn(candidate, ran.stdout),
    }
  } finally {
    server.close()
  }
}

const meteredIn = ({ type }: Candidate, stdout: string): TokenCounts | null => {
  if (type.meter.every(({ usage }) => usage === null)) return null
  const meter = createMeter({ rules: type.meter, price: null, files: [], usedBefore: null }, null)
  for (const line of stdout.split('\n')) meter.read(line, 0)
  const { inputTokens, cachedInputTokens, outputTokens } = meter.reading
  return { input: inputTokens, cachedInput: cachedInputTokens, output: outputTokens }
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
