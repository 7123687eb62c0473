import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentStreams, AgentType } from '../../src/agents/agent-type.ts'
import type { FailurePattern } from '../../src/agents/failure-patterns.ts'
import type { KeeperExit } from '../../src/contracts/keeper.ts'
import { keeperExit } from './agent-fixture.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures/streams')
/** What the recorder's `timeout` answers where it had to end the program; a keeper would have said `idle`. */
const ENDED_BY_US = 124

/** One run of the real program, as its keeper would have kept it; see tests/fixtures/streams/README.md. */
export const recordedRun = (type: string, name: string): { streams: AgentStreams; exit: KeeperExit } => {
  const folder = join(FIXTURES, type)
  const codes = JSON.parse(readFileSync(join(folder, 'exit-codes.json'), 'utf8')) as Record<string, number>
  const stdoutFile = join(folder, `${name}.ndjson`)
  if (!existsSync(stdoutFile)) throw new Error(`there is no recorded run ${stdoutFile}`)
  const exitCode = codes[name] ?? 0
  return {
    streams: { stdout: { file: stdoutFile }, stderr: { file: join(folder, `${name}.stderr`) } },
    exit: keeperExit(exitCode === ENDED_BY_US ? { exitCode: 143, stopReason: 'idle' } : { exitCode }),
  }
}

/** What the type says of every recorded run of its program. */
export const judgeAll = (agent: AgentType, nowMs: number) =>
  readdirSync(join(FIXTURES, agent.type))
    .filter((file) => file.endsWith('.ndjson'))
    .map((file) => file.slice(0, -'.ndjson'.length))
    .map((name) => {
      const { streams, exit } = recordedRun(agent.type, name)
      return { name, exit, ...agent.judge(streams, exit, nowMs) }
    })

/** Rows of a table that no recorded run has met with its class: they would be guesses. */
export const unmetRows = (rows: readonly FailurePattern[], runs: ReturnType<typeof judgeAll>): string[] =>
  rows
    .filter(
      (row) => !runs.some(({ failure }) => failure?.class === row.class && row.pattern.test(said(failure))),
    )
    .map((row) => String(row.pattern))

const said = ({ reason }: { readonly reason: string }): string => reason.replace(/^the agent reports: /, '')
