import { existsSync, rmSync, statSync } from 'node:fs'
import { ZodError } from 'zod'
import { importJournal } from '../../durable/import.ts'
import { stateLayout } from '../../platform/state-layout.ts'
import { type StateOptions, selectStateDir } from '../compose/select-state.ts'
import type { Answer } from '../print/print-answer.ts'
import { oneLine, quoted } from '../print/visible.ts'
import { RefusedError, UsageError } from '../report-error.ts'

/**
 * `journal import FILE --state-dir NEW`: a journal to look at. The folder is always named, so that nobody's manifest
 * ever finds a journal there on which nothing can run.
 * @throws UsageError without a folder or a file, RefusedError where a journal is already, or the export is damaged.
 */
export const importFrom = async (file: string, options: StateOptions): Promise<Answer> => {
  if (options.stateDir === undefined) {
    throw new UsageError(
      'an import is for looking, not for running on: name a new folder with --state-dir DIR',
    )
  }
  const isFile = !file.includes('\0') && statSync(file, { throwIfNoEntry: false })?.isFile() === true
  if (!isFile)
    throw new UsageError(`no file ${quoted(file)}; name an export that \`oc-supervise journal export\` wrote`)
  const { root, journal } = stateLayout(await selectStateDir(options))
  if (existsSync(journal))
    throw new RefusedError('exists', `${journal} exists already; name a new folder with --state-dir DIR`)
  try {
    const { events, anchors } = importJournal(file, journal)
    return {
      json: { file, stateDir: root, events, anchors },
      text:
        `read ${events} events and ${anchors} anchors into ${oneLine(root)}; nothing is proved yet:\n` +
        `  oc-supervise verify --state-dir ${oneLine(root)} --public-key FILE`,
    }
  } catch (error) {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${journal}${suffix}`, { force: true })
    throw new RefusedError('export_damaged', `${quoted(file)}: ${reasonOf(error)}`)
  }
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof ZodError)) return (error as Error).message
  const [issue] = error.issues
  return `an event is not one (${issue?.path.join('.') || 'top'}: ${issue?.message}); export again`
}
