import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { git } from '../platform/git.ts'
import { bytePath, displayPath, pathBytes, quotePath, unquotePath } from './quote-path.ts'
import { SAVING_CONFIG } from './saved-repository.ts'
import type { FoundFile } from './walk-attempt.ts'
import { CannotSave } from './workspace-failure.ts'

/** Larger files are hashed as a stream. */
const WHOLE_FILE_BYTES = 4 * 1024 * 1024

/**
 * Writes files into `saved.git` as one tree, byte by byte as they are.
 * @throws CannotSave where git cannot read one of them.
 */
export const saveFiles = async (input: {
  readonly savedDir: string
  /** The attempt's folder, which the paths are relative to. */
  readonly dir: string
  readonly files: readonly FoundFile[]
  readonly scratch: string
}): Promise<string> => {
  const options = {
    gitDir: input.savedDir,
    workTree: input.dir,
    indexFile: join(input.scratch, 'files.index'),
  }
  const paths = input.files.map((file) => `${quotePath(file.path)}\n`).join('')
  try {
    await git([...SAVING_CONFIG, 'update-index', '--add', '--stdin'], { ...options, input: paths })
    return (await git([...SAVING_CONFIG, 'write-tree'], options)).stdout.trim()
  } catch (error) {
    throw new CannotSave(input.dir, (error as Error).message, { cause: error })
  }
}

/**
 * Reads a saved tree back and compares it with the files on disk: the same paths, modes and contents, hashed by us, and
 * every object really there.
 * @throws CannotSave naming the first path that differs.
 */
export const proveFiles = async (input: {
  readonly savedDir: string
  readonly dir: string
  readonly files: readonly FoundFile[]
  /** The saved tree, by the ref it was saved under. */
  readonly ref: string
}): Promise<void> => {
  // The size comes from the object itself, so an absent one shows.
  const { stdout } = await git(['ls-tree', '-r', '-l', '--full-tree', input.ref], { gitDir: input.savedDir })
  const saved = new Map(
    stdout.split('\n').flatMap((line): [string, string][] => {
      const [entry = '', path] = line.split('\t')
      return path === undefined ? [] : [[unquotePath(path), entry.split(/ +/).join(' ')]]
    }),
  )
  const root = bytePath(input.dir)
  for (const file of input.files) {
    const expected = `${file.mode} blob ${await blobHash(`${root}/${file.path}`, file)} ${file.size}`
    if (saved.get(file.path) !== expected) {
      const found = saved.get(file.path) ?? 'nothing'
      throw new CannotSave(displayPath(file.path), `read back as ${found}, but it is ${expected}`)
    }
  }
  if (saved.size !== input.files.length) throw new CannotSave(input.dir, 'the saved tree holds other files')
}

/** The name git gives this content, computed without git. */
const blobHash = async (path: string, file: FoundFile): Promise<string> => {
  const hash = createHash('sha1').update(`blob ${file.size}\0`)
  const bytes = pathBytes(path)
  if (file.mode === '120000') return hash.update(await readlink(bytes, 'buffer')).digest('hex')
  if (file.size <= WHOLE_FILE_BYTES) return hash.update(await readFile(bytes)).digest('hex')
  for await (const chunk of createReadStream(bytes)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
