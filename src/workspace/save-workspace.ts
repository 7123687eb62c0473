import { lstatSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { writeJsonAtomic } from '../platform/atomic-file.ts'
import { failPoint } from '../platform/fail-point.ts'
import { git } from '../platform/git.ts'
import { removeTree } from '../platform/remove-tree.ts'
import { attemptFolder } from './attempt-folder.ts'
import type { EffectProcess } from './git-effect.ts'
import { isOmitted, omittedForPeople, withoutLargeIgnored } from './ignored-files.ts'
import { bytePath, displayPath, pathBytes } from './quote-path.ts'
import { removeRefLocks } from './remove-ref-locks.ts'
import { proveFiles, saveFiles } from './save-files.ts'
import { saveRepository } from './save-repository.ts'
import {
  ensureSavedRepository,
  SAVING_CONFIG,
  savedRecordFile,
  savedRef,
  savedRefs,
} from './saved-repository.ts'
import { SavedWork } from './saved-work.ts'
import { stampOf, walkAttempt } from './walk-attempt.ts'
import { CannotSave } from './workspace-failure.ts'

export interface SaveWorkspaceInput {
  readonly attemptId: string
  readonly workspacesDir: string
  readonly savedDir: string
  readonly nowMs: number
  readonly effect: EffectProcess
  /** How many bytes of ignored files are kept, smallest first. Default 64 MiB. */
  readonly ignoredLimitBytes?: number
}

const IGNORED_LIMIT_BYTES = 64 * 1024 * 1024

/**
 * Saves all that an attempt's folder holds into `saved.git` and proves it by reading it back: every file as it lies
 * there, and of every repository in it HEAD, branches, stashes and index. Nothing in the folder is run, and git never
 * opens a repository there. Deletes nothing. Safe to repeat.
 * @throws CannotSave naming what could not be saved, or changed meanwhile.
 */
export const saveWorkspace = async (input: SaveWorkspaceInput): Promise<SavedWork> => {
  const { attemptId, savedDir } = input
  const folder = attemptFolder(input.workspacesDir, attemptId)
  const stats = lstatSync(folder.dir, { throwIfNoEntry: false })
  if (!stats?.isDirectory()) throw new CannotSave(folder.dir, 'it is not a folder')
  await ensureSavedRepository(savedDir)
  removeRefLocks(savedDir, savedRefs(attemptId))
  await removeTree(folder.saving)
  mkdirSync(folder.saving, { recursive: true, mode: 0o700 })
  try {
    const work = await walkAttempt(folder.dir)
    const limitBytes = input.ignoredLimitBytes ?? IGNORED_LIMIT_BYTES
    const kept = await withoutLargeIgnored({ work, folder, savedDir, scratch: folder.saving, limitBytes })
    const gitDirs = work.gitDirs.filter((path) => !isOmitted(kept, path))
    const [repositories, files] = await both(
      saveRepositories(input, folder, gitDirs),
      saveFiles({ savedDir, dir: folder.dir, files: kept.files, scratch: folder.saving }),
    )
    const saved = SavedWork.parse({
      v: 1,
      attemptId,
      savedAtMs: input.nowMs,
      files,
      fileCount: kept.files.length,
      repositories,
      omitted: omittedForPeople(kept),
      notContent: [...work.gitLinks, ...work.specials].map(displayPath),
    })
    await prove(savedDir, saved)
    await proveFiles({ savedDir, dir: folder.dir, files: kept.files, ref: savedRef(attemptId, 'files') })
    if (stampOf(await walkAttempt(folder.dir)) !== stampOf(work)) {
      throw new CannotSave(folder.dir, 'something in it changed while it was being saved')
    }
    writeJsonAtomic(savedRecordFile(savedDir, attemptId), saved)
    failPoint('workspace.saved')
    return saved
  } finally {
    await removeTree(folder.saving)
  }
}

/** Waits for the end of both, whatever comes of them: where one has failed, the other must not write into what is cleaned up. */
const both = async <A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> => {
  await Promise.allSettled([a, b])
  return Promise.all([a, b])
}

const saveRepositories = async (
  input: SaveWorkspaceInput,
  folder: ReturnType<typeof attemptFolder>,
  gitDirs: readonly string[],
): Promise<SavedWork['repositories']> => {
  const saved: SavedWork['repositories'] = []
  for (const [number, path] of gitDirs.entries()) {
    const text = pathBytes(path).toString('utf8')
    if (bytePath(text) !== path) throw new CannotSave(displayPath(path), 'its name is not UTF-8')
    const { headRef, refs } = await saveRepository({
      ...input,
      gitDir: join(folder.dir, text),
      number,
      scratch: folder.saving,
      baseRefs: path === 'tree/.git' ? folder.baseRefs : null,
    })
    const workTree = text.endsWith('/.git') ? text.slice(0, -'/.git'.length) : null
    saved.push({ path: text, workTree, headRef, refs: { ...refs } })
  }
  return saved
}

/** One transaction that names the saved tree and holds only if every ref is what it must be. */
const prove = async (savedDir: string, saved: SavedWork): Promise<void> => {
  const expected = saved.repositories.flatMap(({ refs }, number) =>
    Object.entries(refs).map(
      ([name, sha]) => `verify ${savedRef(saved.attemptId, `git/${number}/${name}`)} ${sha}\n`,
    ),
  )
  const named = `update ${savedRef(saved.attemptId, 'files')} ${saved.files}\n`
  try {
    await git([...SAVING_CONFIG, 'update-ref', '--stdin'], {
      gitDir: savedDir,
      input: [named, ...expected].join(''),
    })
  } catch (error) {
    throw new CannotSave(saved.attemptId, `read back otherwise: ${(error as Error).message}`, {
      cause: error,
    })
  }
}
