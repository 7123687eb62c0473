import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ReviewContext } from '../../../machines/durable/review-context.ts'
import type { GateSubject } from '../../contracts/gate.ts'
import { git } from '../../platform/git.ts'
import { GitError } from '../../platform/git-error.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { attemptRef } from '../../workspace/attempt-folder.ts'
import { patchOf } from '../../workspace/patch-of.ts'

/** The change a merge gate asks about. */
export interface GateDiff {
  readonly text: string
  /** Where it was read. */
  readonly source: string
  /** True where its patch id is the one in the gate's subject: what a decision approves is this change and no other. */
  readonly isBound: boolean
}

type Merge = Extract<GateSubject, { kind: 'merge' }>
type Patch = { readonly text: string; readonly patchId: string; readonly source: string }

/**
 * Finds the change that the subject names: in our mirror by the head's sha, which no altered file can have, else the
 * trial merge onto a moved base, else the attempt's evidence. The first whose patch id is the subject's is shown; if
 * none is, the first there is, and it is said that a decision would not be about it. Null where none can be read.
 */
export const readDiff = async (
  layout: StateLayout,
  subject: Merge,
  review: ReviewContext,
): Promise<GateDiff | null> => {
  let first: Patch | null = null
  for (const read of [workPatch, mergePatch, evidencePatch]) {
    const patch = await read(layout, subject, review).catch(unreadable)
    if (patch?.patchId === subject.patchId) return { text: patch.text, source: patch.source, isBound: true }
    first ??= patch
  }
  return first === null ? null : { text: first.text, source: first.source, isBound: false }
}

const workPatch = async (
  layout: StateLayout,
  subject: Merge,
  { commit }: ReviewContext,
): Promise<Patch | null> => {
  const mirror = layout.mirror(subject.repo)
  if (!existsSync(mirror)) return null
  const patch = await patchOf(mirror, commit.baseSha, subject.headSha)
  return { ...patch, source: `${mirror}, ${commit.baseSha}..${subject.headSha}` }
}

/** The base moved: what would be merged is the trial merge that was checked. */
const mergePatch = async (
  layout: StateLayout,
  subject: Merge,
  { attemptId, candidate }: ReviewContext,
): Promise<Patch | null> => {
  const mirror = layout.mirror(subject.repo)
  if (candidate === null || !existsSync(mirror)) return null
  const ref = attemptRef(attemptId, 'merge')
  const patch = await patchOf(mirror, candidate.baseSha, ref)
  return { ...patch, source: `${mirror}, ${candidate.baseSha}..${ref}` }
}

const evidencePatch = async (
  layout: StateLayout,
  subject: Merge,
  { runId, attemptId }: ReviewContext,
): Promise<Patch | null> => {
  const path = join(layout.runDir(runId), attemptId, 'diff.patch')
  if (!existsSync(path)) return null
  const text = readFileSync(path, 'utf8')
  const mirror = layout.mirror(subject.repo)
  const { stdout } = await git(['patch-id', '--stable'], {
    input: text,
    ...(existsSync(mirror) ? { gitDir: mirror } : {}),
  })
  return { text, patchId: stdout.split(' ')[0]?.trim() ?? '', source: path }
}

const unreadable = (error: unknown): null => {
  if (error instanceof GitError) return null
  throw error
}
