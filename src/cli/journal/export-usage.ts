import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { withinWindow } from '../../budget/spend-report.ts'
import type { SpendEntry } from '../../contracts/spend.ts'
import { systemClock } from '../../platform/clock.ts'
import { ageMs } from '../../platform/instant-math.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { withSystem } from '../look/with-system.ts'
import type { Answer } from '../print/print-answer.ts'
import { oneLine, quoted } from '../print/visible.ts'
import { UsageError } from '../report-error.ts'
import { allSpend } from '../spend/all-spend.ts'

/**
 * `journal export FILE --kind usage`: one line a run of an agent, the oldest first.
 * @param options.windowMs how far back; null: all of it.
 * @throws UsageError when the file cannot be made.
 */
export const exportUsage = (
  file: string,
  options: StateOptions & { readonly windowMs: number | null },
): Promise<Answer> =>
  withSystem(options, async ({ store }) => {
    const all = await allSpend(store)
    const entries = options.windowMs === null ? all : withinWindow(all, options.windowMs, systemClock.now())
    writeNew(file, entries.map((entry) => `${JSON.stringify(usageRow(entry))}\n`).join(''))
    return {
      json: { file, runs: entries.length },
      text: `wrote ${entries.length} runs of agents to ${oneLine(file)}`,
    }
  })

/** What an audit asks of one run: who, for what, at what price, and what came of it. */
const usageRow = (entry: SpendEntry) => {
  const { settled, conclusion, startedAt, endedAt } = entry
  const told = settled?.uncounted === true ? null : settled
  return {
    attempt: entry.id,
    task: entry.task,
    run: entry.run,
    repo: entry.repo,
    lane: entry.lane,
    agent: entry.agent,
    agentVersion: entry.agentVersion,
    purpose: entry.purpose,
    outcome: outcomeOf(entry),
    failure: conclusion === null || conclusion.result === 'succeeded' ? null : conclusion.result,
    reserved: { tokens: entry.reserved.tokens, usd: entry.reserved.usdMicros / 1_000_000 },
    tokens: told?.tokens ?? null,
    usd: told === null ? null : told.usdMicros / 1_000_000,
    coveredUsd: told === null ? null : told.coveredUsdMicros / 1_000_000,
    estimated: settled?.estimated ?? null,
    startedAt: timeOf(startedAt.wallMs),
    endedAt: endedAt === null ? null : timeOf(endedAt.wallMs),
    durationMs: endedAt === null ? null : Math.round(ageMs(endedAt, startedAt)),
  }
}

const outcomeOf = ({ settled, conclusion }: SpendEntry): string => {
  if (settled === null) return 'open'
  if (conclusion === null) return settled.ending
  if (conclusion.result === 'succeeded' || conclusion.result === 'quota_exhausted') return conclusion.result
  return 'failed'
}

const timeOf = (wallMs: number): string => new Date(wallMs).toISOString()

const writeNew = (file: string, text: string): void => {
  let opened: number
  try {
    opened = openSync(file, 'wx', 0o600)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(
      code === 'EEXIST'
        ? `${quoted(file)} exists already; name a new file`
        : `${quoted(file)} cannot be written (${code}); name another file`,
    )
  }
  try {
    writeSync(opened, text)
    fsyncSync(opened)
  } catch (error) {
    rmSync(file, { force: true })
    throw error
  } finally {
    closeSync(opened)
  }
}
