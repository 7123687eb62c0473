import { mkdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
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
  await writeAll(tempDir, files)
  syncFolder(tempDir)
  failPoint('evidence.folder_written')
  await mkdir(dirname(dir), { recursive: true, mode: 0o700 })
  await rename(tempDir, dir)
  failPoint('evidence.folder_renamed')
  syncFolder(dirname(dir))
}

/**
 * Replaces files of one folder, each of them whole: written to `tempDir` (which lies on the same disk, and is gone
 * afterwards) and fsynced, then renamed one after the other.
 */
export const replaceFiles = async (
  dir: string,
  tempDir: string,
  files: readonly RenderedFile[],
): Promise<void> => {
  await rm(tempDir, { recursive: true, force: true })
  await mkdir(tempDir, { mode: 0o700 })
  await writeAll(tempDir, files)
  for (const { file } of files) {
    failPoint('evidence.file_written')
    await rename(join(tempDir, file), join(dir, file))
  }
  syncFolder(dir)
  await rmdir(tempDir)
}

/** All at once, so that the file system flushes them together; no write goes on when this has ended. */
const writeAll = async (dir: string, files: readonly RenderedFile[]): Promise<void> => {
  const writing = files.map(({ file, bytes }) =>
    writeFile(join(dir, file), bytes, { mode: 0o600, flush: true }),
  )
  await Promise.allSettled(writing)
  await Promise.all(writing)
}
