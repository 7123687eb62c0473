import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { git } from '../platform/git.ts'
import type { attemptFolder } from './attempt-folder.ts'
import { copyIndex } from './copy-index.ts'
import { displayPath, unquotePath } from './quote-path.ts'
import type { FoundFile, FoundWork } from './walk-attempt.ts'

export interface KeptFiles {
  readonly files: readonly FoundFile[]
  /** Ignored paths left out, largest first, as paths in bytes relative to the attempt's folder. */
  readonly omitted: readonly { readonly path: string; readonly bytes: number }[]
}

/**
 * Decides which ignored files are kept: the smallest ignored paths first, until `limitBytes` is reached. Everything
 * that is not ignored is kept whatever its size. Tracked files never count as ignored.
 */
export const withoutLargeIgnored = async (input: {
  readonly work: FoundWork
  readonly folder: ReturnType<typeof attemptFolder>
  readonly savedDir: string
  readonly scratch: string
  readonly limitBytes: number
}): Promise<KeptFiles> => {
  const { work, limitBytes } = input
  if (!work.hasIgnoreRules) return { files: work.files, omitted: [] }
  const sizes = new Map((await ignoredPaths(input)).map((path) => [path, 0]))
  const ignoredAt = new Map<FoundFile, string>()
  for (const file of work.files) {
    const under = [file.path, ...foldersOf(file.path)].find((path) => sizes.has(path))
    if (under === undefined) continue
    ignoredAt.set(file, under)
    sizes.set(under, (sizes.get(under) ?? 0) + file.size)
  }
  const smallestFirst = [...sizes].sort(([, a], [, b]) => a - b)
  let keptBytes = 0
  const omitted = smallestFirst.filter(([, bytes]) => {
    if (keptBytes + bytes > limitBytes) return true
    keptBytes += bytes
    return false
  })
  const gone = new Set(omitted.map(([path]) => path))
  return {
    files: work.files.filter((file) => !gone.has(ignoredAt.get(file) ?? '')),
    omitted: omitted.reverse().map(([path, bytes]) => ({ path, bytes })),
  }
}

/** True where `path` lies in something that was left out. */
export const isOmitted = (kept: KeptFiles, path: string): boolean =>
  kept.omitted.some((omitted) =>
    path.startsWith(omitted.path.endsWith('/') ? omitted.path : `${omitted.path}/`),
  )

export const omittedForPeople = (kept: KeptFiles): { path: string; bytes: number }[] =>
  kept.omitted.map(({ path, bytes }) => ({ path: displayPath(path), bytes }))

/** Ignored files, and folders (with a slash at the end) all of which is ignored; relative to the attempt's folder. */
const ignoredPaths = async (input: Parameters<typeof withoutLargeIgnored>[0]): Promise<string[]> => {
  const indexFile = join(input.scratch, 'ignored.index')
  if (existsSync(input.folder.baseIndex)) copyIndex(input.folder.baseIndex, indexFile)
  const { stdout } = await git(['ls-files', '-o', '-i', '--exclude-standard', '--directory'], {
    gitDir: input.savedDir,
    workTree: input.folder.tree,
    indexFile,
  })
  const lines = stdout.split('\n').filter((line) => line !== '')
  return lines.map((line) => `tree/${unquotePath(line)}`)
}

const foldersOf = (path: string): string[] => {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => `${parts.slice(0, index + 1).join('/')}/`)
}
