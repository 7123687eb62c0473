import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { readJsonFile, writeJsonAtomic } from '../../platform/atomic-file.ts'
import { isUnchanged } from '../../platform/resolve-program.ts'

/** One program file with the version it told. */
const TriedProgram = z.object({
  path: z.string(),
  file: z.string(),
  bytes: z.number(),
  modifiedMs: z.number(),
  version: z.string().nullable(),
  /** When it was tried, in UTC ms. */
  triedAtMs: z.number(),
  /** What the trial found out, one sentence each. */
  notes: z.array(z.string()),
  /** False where its trial showed that its sessions cannot be gone on with. */
  resumes: z.boolean().default(true),
})
export type TriedProgram = z.infer<typeof TriedProgram>

/** agents/<profile>.json: the program that is pinned, and one that failed its trial since. */
export const AgentRecord = z.object({
  v: z.literal(1),
  /** The last one that passed; it is run for as long as it is there. */
  good: TriedProgram.nullable(),
  /** What PATH or the manifest names now, where that failed. */
  failed: TriedProgram.extend({
    why: z.string(),
    /** Trials of this file in a row that failed. */
    failures: z.number().int().positive().default(1),
  }).nullable(),
})
export type AgentRecord = z.infer<typeof AgentRecord>

const NOTHING: AgentRecord = { v: 1, good: null, failed: null }

/** The record of one profile; a missing or broken one is empty: everything in it can be found out again. */
export const readAgentRecord = (path: string): AgentRecord => {
  const read = readJsonFile(path, AgentRecord)
  return read.ok ? read.value : NOTHING
}

/** Writes the record of one profile. */
export const writeAgentRecord = (path: string, record: AgentRecord): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeJsonAtomic(path, record)
}

/** The program that may be run now: the last good one, while it is the file it was. */
export const pinnedProgram = ({ good }: AgentRecord): TriedProgram | null =>
  good !== null && isUnchanged(good) ? good : null

/** Why this profile can run nothing now; null where it can, or where that is not known yet. */
export const programHindrance = (record: AgentRecord): string | null =>
  record.failed === null || pinnedProgram(record) !== null || !isUnchanged(record.failed)
    ? null
    : `${record.failed.path} ${record.failed.version ?? ''} failed its trial: ${record.failed.why}`

/** A trial that failed is made again after so long, then after twice as long each time: it may have been the host's doing. */
const RETRIED_AFTER_MS = 10 * 60_000
const LONGEST_WAIT_MS = 24 * 3_600_000

/** Whether the trial that failed is to be made again. */
export const isTrialDue = ({ failed }: AgentRecord, nowMs: number): boolean =>
  failed !== null &&
  // Either way: a clock that was set back must not put it off.
  Math.abs(nowMs - failed.triedAtMs) >=
    Math.min(RETRIED_AFTER_MS * 2 ** (failed.failures - 1), LONGEST_WAIT_MS)
