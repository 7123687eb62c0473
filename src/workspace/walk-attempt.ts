import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { isOurs } from './attempt-folder.ts'
import { bytePath, displayPath, pathBytes, quotePath } from './quote-path.ts'
import { CannotSave } from './workspace-failure.ts'

/** One file or symbolic link; `path` in bytes, relative to the attempt's folder. */
export interface FoundFile {
  readonly path: string
  readonly mode: '100644' | '100755' | '120000'
  readonly size: number
  /** Changes whenever the file does: inode, size, modification and change time. */
  readonly stamp: string
}

/** Everything in an attempt's folder that could be somebody's work. */
export interface FoundWork {
  readonly files: readonly FoundFile[]
  /** Folders that are git repositories' own (`.git`, submodules' under it), as paths in bytes. */
  readonly gitDirs: readonly string[]
  /** `.git` files and links: they only point elsewhere. */
  readonly gitLinks: readonly string[]
  /** Pipes, sockets and devices: they hold no content. */
  readonly specials: readonly string[]
  readonly hasIgnoreRules: boolean
}

/**
 * Walks an attempt's folder without following a single link and without running git on it.
 * @throws CannotSave naming the first path that cannot be read.
 */
export const walkAttempt = async (dir: string): Promise<FoundWork> => {
  const found = {
    files: [] as FoundFile[],
    gitDirs: [] as string[],
    gitLinks: [] as string[],
    specials: [] as string[],
    hasIgnoreRules: false,
  }
  const root = bytePath(dir)
  const visit = async (relative: string): Promise<void> => {
    for (const name of await namesIn(`${root}/${relative}`)) {
      const path = relative === '' ? name : `${relative}/${name}`
      if (relative === '' && isOurs(name)) continue
      const stats = await statOf(`${root}/${path}`)
      if (name === '.git' && stats.isDirectory()) found.gitDirs.push(...(await gitDirsIn(root, path)))
      else if (name === '.git') found.gitLinks.push(path)
      else if (stats.isDirectory()) await visit(path)
      else if (stats.isFile() || stats.isSymbolicLink()) found.files.push(fileOf(path, stats))
      else found.specials.push(path)
      if (name === '.gitignore') found.hasIgnoreRules = true
    }
  }
  await visit('')
  return found
}

/** Equal for two walks between which nothing changed. */
export const stampOf = (work: FoundWork): string =>
  [...work.files.map((file) => `${quotePath(file.path)} ${file.mode} ${file.stamp}`), ...work.gitDirs].join(
    '\n',
  )

/** A `.git` folder and, below its `modules`, those of submodules (which may be nested in turn). */
const gitDirsIn = async (root: string, gitDir: string): Promise<string[]> => {
  const found = [gitDir]
  const visit = async (path: string): Promise<void> => {
    const names = await namesIn(`${root}/${path}`)
    if (names.includes('HEAD') && names.includes('objects')) {
      found.push(path)
      if (names.includes('modules')) await visit(`${path}/modules`)
      return
    }
    for (const name of names) {
      if ((await statOf(`${root}/${path}/${name}`)).isDirectory()) await visit(`${path}/${name}`)
    }
  }
  if ((await namesIn(`${root}/${gitDir}`)).includes('modules')) await visit(`${gitDir}/modules`)
  return found
}

const fileOf = (path: string, stats: Stats): FoundFile => ({
  path,
  mode: stats.isSymbolicLink() ? '120000' : stats.mode & 0o100 ? '100755' : '100644',
  size: stats.size,
  stamp: `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`,
})

const namesIn = async (path: string): Promise<string[]> => {
  try {
    const names = await readdir(pathBytes(path), { encoding: 'buffer' })
    return names.map((name) => name.toString('latin1')).sort()
  } catch (error) {
    throw new CannotSave(displayPath(path), (error as Error).message, { cause: error })
  }
}

const statOf = async (path: string): Promise<Stats> => {
  try {
    return await lstat(pathBytes(path))
  } catch (error) {
    throw new CannotSave(displayPath(path), (error as Error).message, { cause: error })
  }
}
