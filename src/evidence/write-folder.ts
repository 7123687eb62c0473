import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFolder } from '../platform/atomic-file.ts'
import { failPoint } from '../platform/fail-point.ts'
import type { RenderedFile } from './render-files.ts'

/**
 * Writes a whole folder at once: every file into `tempDir`, all of it fsynced, then one rename. A crash leaves the old
 * state or the new one; what it left in `tempDir` is removed by the next try.
 * @throws Error with code ENOTEMPTY or EEXIST when `dir` is there already.
 */
export const writeFolder = async (
  dir: string,
  tempDir: string,
  files: readonly RenderedFile[],
): Promise<void> => {
  await rm(tempDir, { recursive: true, force: true })
  await mkdir(tempDir, { recursive: true, mode: 0o700 })
  // All at once: the file system flushes them together.
  const writing = files.map(({ file, bytes }) =>
    writeFile(join(tempDir, file), bytes, { mode: 0o600, flush: true }),
  )
  await Promise.allSettled(writing)
  await Promise.all(writing)
  syncFolder(tempDir)
  failPoint('evidence.folder_written')
  await mkdir(dirname(dir), { recursive: true, mode: 0o700 })
  await rename(tempDir, dir)
  failPoint('evidence.folder_renamed')
  syncFolder(dirname(dir))
}

/** Replaces one file whole: written beside `runs/`' other temporary things, fsynced, renamed. */
export const replaceFile = async (path: string, tempPath: string, bytes: Buffer): Promise<void> => {
  await writeFile(tempPath, bytes, { mode: 0o600, flush: true })
  failPoint('evidence.file_written')
  await rename(tempPath, path)
  syncFolder(dirname(path))
}
