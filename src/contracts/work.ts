import { z } from 'zod'
import { AttemptId, Sha } from './ids.ts'

/** One changed path against the fixed base. Renames are a deletion and an addition, so both names are seen. */
export const ChangedFile = z.object({
  path: z.string().min(1),
  change: z.enum(['added', 'modified', 'deleted', 'type_changed']),
  kind: z.enum(['file', 'executable', 'symlink', 'submodule', 'none']),
  linesAdded: z.number().int().nonnegative().nullable(),
  linesRemoved: z.number().int().nonnegative().nullable(),
})
export type ChangedFile = z.infer<typeof ChangedFile>

/** What is known of the changed files; a guess is never upgraded. `KNOWN` comes from git alone. */
export const ChangedFiles = z.discriminatedUnion('status', [
  z.object({ status: z.literal('KNOWN'), source: z.literal('git'), files: z.array(ChangedFile).min(1) }),
  z.object({ status: z.literal('NONE'), source: z.literal('git') }),
  z.object({ status: z.literal('UNKNOWN'), reason: z.string().min(1) }),
  z.object({ status: z.literal('NOT_APPLICABLE') }),
])
export type ChangedFiles = z.infer<typeof ChangedFiles>

/** One attempt's workspace: the agent's clone, and the fixed points its work is measured against. */
export const Workspace = z.object({
  /** The agent's working folder (its own full clone). */
  path: z.string().min(1),
  baseBranch: z.string().min(1),
  /** The base branch's commit when the attempt began. Scope is measured against it. */
  baseSha: Sha,
  /** Where the attempt starts: `baseSha`, or the pull request's head for a revision. */
  startSha: Sha,
  /** The attempt whose files it was filled with; null where it is as the repository has it. */
  restoredFrom: AttemptId.nullable().default(null),
})
export type Workspace = z.infer<typeof Workspace>

/** The commit we made of an attempt's work. */
export const WorkCommit = z.object({
  sha: Sha,
  tree: Sha,
  baseSha: Sha,
  /** `git patch-id --stable` of base..sha: equal patch ids mean the same change on another base. */
  patchId: z.string().min(1),
})
export type WorkCommit = z.infer<typeof WorkCommit>

/** What code found in the workspace after the agent ended. */
export const Measurement = z.object({
  changed: ChangedFiles,
  commit: WorkCommit.nullable(),
  diffStat: z.string(),
})
export type Measurement = z.infer<typeof Measurement>
