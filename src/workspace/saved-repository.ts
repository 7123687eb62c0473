import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { git } from '../platform/git.ts'

/** What saving and recovering add to our configuration: names that git would refuse on other systems are content too. */
export const SAVING_CONFIG: readonly string[] = [
  'core.protectNTFS=false',
  'core.protectHFS=false',
  'core.fsync=all',
  'core.symlinks=true',
  'core.fileMode=true',
].flatMap((setting) => ['-c', setting])

/** Bytes in, the same bytes out: whatever attributes the saved files bring, these come first. */
const VERBATIM = '* -text -ident -filter !eol !working-tree-encoding -diff -merge\n'

/**
 * Makes `saved.git` if it is not there: a bare repository of our own without alternates, never collected. Safe to
 * repeat, and to run twice at once.
 */
export const ensureSavedRepository = async (savedDir: string): Promise<void> => {
  const attributes = join(savedDir, 'info', 'attributes')
  if (existsSync(attributes)) return
  mkdirSync(savedDir, { recursive: true, mode: 0o700 })
  await git(['init', '--quiet', '--bare', savedDir], {})
  await git(['config', 'gc.auto', '0'], { gitDir: savedDir })
  mkdirSync(join(savedDir, 'info'), { recursive: true })
  mkdirSync(recordsFolder(savedDir), { recursive: true, mode: 0o700 })
  writeFileSync(attributes, VERBATIM)
}

/** `refs/saved/<attempt>/…`: `files` (a tree), `git/<n>/…` (the refs of repository n). */
export const savedRef = (attemptId: string, name: string): string => `${savedRefs(attemptId)}/${name}`

/** Where all that was saved of one attempt is named. */
export const savedRefs = (attemptId: string): string => `refs/saved/${attemptId}`

/** Where the records of what was saved lie, one file an attempt. */
const recordsFolder = (savedDir: string): string => join(savedDir, 'oc-supervise')

export const savedRecordFile = (savedDir: string, attemptId: string): string =>
  join(recordsFolder(savedDir), `${attemptId}.json`)
