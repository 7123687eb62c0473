import { type Dirent, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { bytePath, pathBytes } from './quote-path.ts'

/** What a git folder's refs say, names as bytes (see quote-path.ts). */
export interface Refs {
  /** The branch HEAD is on, null where it is detached or unreadable. */
  readonly headRef: string | null
  /** HEAD's commit, null where its branch is unborn. */
  readonly head: string | null
  readonly refs: ReadonlyMap<string, string>
}

const SHA = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/

/**
 * Reads HEAD and all refs of a git folder without running git on it, for folders whose configuration is not ours.
 * Symbolic links and special files are never followed or opened; what is no ref is left out, as git leaves it out.
 * @throws Error of node:fs where something is there and cannot be read: whoever takes it for absent loses it.
 */
export const readRefs = (gitDir: string): Refs => {
  const root = bytePath(gitDir)
  const texts = new Map([...packedRefs(`${root}/packed-refs`), ...looseRefs(root, 'refs')])
  const resolve = (text: string | undefined, depth = 0): string | null => {
    if (text === undefined || depth > 5) return null
    if (SHA.test(text)) return text
    return text.startsWith('ref: ') ? resolve(texts.get(text.slice(5).trim()), depth + 1) : null
  }
  const refs = new Map<string, string>()
  for (const [name, text] of texts) {
    const sha = resolve(text)
    if (sha !== null) refs.set(name, sha)
  }
  const head = readPlainFile(`${root}/HEAD`)?.trim()
  return { headRef: head?.startsWith('ref: ') ? head.slice(5).trim() : null, head: resolve(head), refs }
}

/** The commits a reflog names, newest first, without repetition. */
export const readReflog = (gitDir: string, ref: string): string[] => {
  const lines = readPlainFile(`${bytePath(gitDir)}/logs/${ref}`)?.split('\n') ?? []
  const shas = lines.map((line) => line.split(' ')[1] ?? '').filter((sha) => SHA.test(sha))
  return [...new Set(shas.reverse())]
}

/** The text of a regular file, one character a byte; null for anything else. @throws as `readRefs` does. */
export const readPlainFile = (path: string): string | null =>
  unlessAbsent(null, () => {
    const bytes = pathBytes(path)
    return lstatSync(bytes).isFile() ? readFileSync(bytes, 'latin1') : null
  })

/** A folder's entries, names as bytes; none where it is no folder or a link to one. @throws as `readRefs` does. */
export const listFolder = (path: string): { name: string; entry: Dirent<Buffer> }[] =>
  unlessAbsent([], () => {
    const bytes = pathBytes(path)
    if (!lstatSync(bytes).isDirectory()) return []
    return readdirSync(bytes, { withFileTypes: true, encoding: 'buffer' }).map((entry) => ({
      name: entry.name.toString('latin1'),
      entry,
    }))
  })

const ABSENT = ['ENOENT', 'ENOTDIR', 'ELOOP']

const unlessAbsent = <T>(absent: T, read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (ABSENT.includes((error as NodeJS.ErrnoException).code ?? '')) return absent
    throw error
  }
}

/** The names and commits in a packed-refs file; none where it is no regular file. */
export const packedRefs = (path: string): [string, string][] =>
  (readPlainFile(path) ?? '').split('\n').flatMap((line): [string, string][] => {
    const space = line.indexOf(' ')
    return SHA.test(line.slice(0, space)) ? [[line.slice(space + 1), line.slice(0, space)]] : []
  })

const looseRefs = (root: string, name: string): [string, string][] =>
  listFolder(`${root}/${name}`).flatMap(({ name: part, entry }): [string, string][] => {
    const path = `${name}/${part}`
    if (entry.isDirectory()) return looseRefs(root, path)
    const text = part.endsWith('.lock') ? null : readPlainFile(`${root}/${path}`)?.trim()
    return text == null || text === '' ? [] : [[path, text]]
  })
