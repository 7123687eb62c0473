import { type Dir, lstatSync, opendirSync, type Stats } from 'node:fs'
import { join } from 'node:path'

/** Entries looked at, and folders below one another: whoever writes them may make any number. */
const MOST_ENTRIES = 500
const DEEPEST = 6

interface Wanted {
  /** Relative to the root; names only. */
  readonly folder: string
  readonly prefix: string
  readonly suffix: string
}

/** Files below a folder that somebody else writes, by how their names begin and end; relative to the root. */
export const findFiles = (root: string, { folder, prefix, suffix }: Wanted): string[] => {
  const found: string[] = []
  const open = statsInside(root, folder)?.isDirectory() === true ? [{ dir: folder, depth: 0 }] : []
  let left = MOST_ENTRIES
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { dir, depth } = next
    left = eachEntry(join(root, dir), left, (entry) => {
      const path = join(dir, entry.name)
      if (entry.isDirectory() && depth < DEEPEST) open.push({ dir: path, depth: depth + 1 })
      if (entry.isFile() && entry.name.startsWith(prefix) && entry.name.endsWith(suffix)) found.push(path)
    })
  }
  return found
}

/** What lies at a path below a root, where every part of the way is a folder: a link could lead to what never answers. */
export const statsInside = (root: string, path: string): Stats | null => {
  const parts = path.split('/')
  const ways = parts.map((_name, index) => join(root, ...parts.slice(0, index)))
  try {
    return ways.every((way) => lstatSync(way).isDirectory()) ? lstatSync(join(root, path)) : null
  } catch {
    return null
  }
}

/** One after the other: a folder of any size takes no more memory than what is looked at. @returns how many of `most` are left. */
const eachEntry = (
  dir: string,
  most: number,
  onEntry: (entry: NonNullable<ReturnType<Dir['readSync']>>) => void,
): number => {
  let left = most
  let listed: Dir
  try {
    listed = opendirSync(dir)
  } catch {
    return left
  }
  try {
    for (; left > 0; left -= 1) {
      const entry = listed.readSync()
      if (entry === null) break
      onEntry(entry)
    }
  } catch {
    // It vanished while it was read.
  } finally {
    listed.closeSync()
  }
  return left
}
