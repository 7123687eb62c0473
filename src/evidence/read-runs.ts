import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { RunId } from '../contracts/ids.ts'
import { readJsonFile } from '../platform/atomic-file.ts'
import { AttemptResult } from './attempt-result.ts'
import { EvidenceIndex } from './evidence-index.ts'
import { attemptFolders } from './read-attempts.ts'
import { RunSummary } from './run-summary.ts'

/** What `runs list` shows: summaries, oldest first; what cannot be read is named instead of being left out. */
export interface RunList {
  readonly runs: readonly RunSummary[]
  readonly problems: readonly string[]
}

/** One attempt as `runs show` shows it. */
export interface AttemptDetails {
  readonly dir: string
  readonly result: AttemptResult
  readonly files: EvidenceIndex['files']
}

export type RunDetails =
  | {
      readonly ok: true
      readonly summary: RunSummary
      readonly attempts: readonly AttemptDetails[]
      readonly problems: readonly string[]
    }
  | { readonly ok: false; readonly reason: 'missing' | 'invalid'; readonly message: string }

/** Lists the runs that have evidence. */
export const listRuns = (runsDir: string): RunList => {
  const found = runFolders(runsDir).map((name) => readSummary(runsDir, name))
  return {
    runs: found
      .flatMap((summary) => (summary.ok ? [summary.value] : []))
      .sort((a, b) => (a.recordedAt < b.recordedAt ? -1 : 1)),
    problems: found.flatMap((summary) => (summary.ok ? [] : [summary.message])),
  }
}

/** Reads one run with its attempts. Reading is not verifying: see `verifyEvidence`. */
export const readRun = (runsDir: string, runId: string): RunDetails => {
  const summary = readSummary(runsDir, runId)
  if (!summary.ok) return summary
  const runDir = join(runsDir, runId)
  const found = attemptFolders(runDir).map((name) => readAttempt(join(runDir, name)))
  return {
    ok: true,
    summary: summary.value,
    attempts: found
      .flatMap((attempt) => (typeof attempt === 'string' ? [] : [attempt]))
      .sort((a, b) => (a.result.recordedAt < b.result.recordedAt ? -1 : 1)),
    problems: found.flatMap((attempt) => (typeof attempt === 'string' ? [attempt] : [])),
  }
}

const readAttempt = (dir: string): AttemptDetails | string => {
  const result = readJsonFile(join(dir, 'result.json'), AttemptResult)
  if (!result.ok) return result.message
  const index = readJsonFile(join(dir, 'index.json'), EvidenceIndex)
  return index.ok ? { dir, result: result.value, files: index.value.files } : index.message
}

const readSummary = (runsDir: string, runId: string) =>
  readJsonFile(
    join(runsDir, RunId.safeParse(runId).success ? runId : '.no-such-run', 'summary.json'),
    RunSummary,
  )

const runFolders = (runsDir: string): string[] =>
  existsSync(runsDir) ? readdirSync(runsDir).filter((name) => RunId.safeParse(name).success) : []
