import { lstatSync, rmSync } from 'node:fs'
import { exportJournal } from '../../durable/export.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { existingLayout } from '../look/with-system.ts'
import type { Answer } from '../print/print-answer.ts'
import { oneLine, quoted } from '../print/visible.ts'
import { RefusedError, UsageError } from '../report-error.ts'

/** `journal export FILE`. @throws UsageError when the file cannot be made, RefusedError when the journal cannot be read. */
export const exportTo = async (file: string, options: StateOptions): Promise<Answer> => {
  const { journal, keys } = await existingLayout(options)
  if (isThere(file)) throw new UsageError(`${quoted(file)} exists already; name a new file`)
  try {
    const { events, anchors } = exportJournal(journal, file)
    return {
      json: { file, events, anchors },
      text:
        `wrote ${events} events and ${anchors} anchors to ${oneLine(file)}; verify it anywhere:\n` +
        `  oc-supervise verify ${oneLine(file)} --public-key ${oneLine(keys)}/instance.pub`,
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (isPathError(code))
      throw new UsageError(`${quoted(file)} cannot be written (${code}); name another file`)
    // What was written so far is no export. The file is ours: nothing stood there before.
    rmSync(file, { force: true })
    throw new RefusedError('export_failed', `${journal}: ${message}`)
  }
}

const isThere = (file: string): boolean => {
  if (file.includes('\0')) throw new UsageError(`${quoted(file)} holds a NUL character; name a file`)
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined
  } catch {
    // Whatever stands in the way is named when the file is opened.
    return false
  }
}

const isPathError = (code: string | undefined): boolean =>
  ['EEXIST', 'ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG'].includes(code ?? '')
