import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readJsonFile } from '../platform/atomic-file.ts'
import { git } from '../platform/git.ts'
import { SAVING_CONFIG, savedRecordFile, savedRef } from './saved-repository.ts'
import { SavedWork } from './saved-work.ts'
import { WorkspaceFailure } from './workspace-failure.ts'

/** What was saved of which attempts, newest first. A record that cannot be read is reported, not left out. */
export const listSaved = (savedDir: string): (SavedWork | { readonly unreadable: string })[] => {
  const folder = join(savedDir, 'oc-supervise')
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  const records = names.map((name) => readJsonFile(join(folder, name), SavedWork))
  const good = records.flatMap((record) => (record.ok ? [record.value] : []))
  const bad = records.flatMap((record) => (record.ok ? [] : [{ unreadable: record.message }]))
  return [...good.sort((a, b) => b.savedAtMs - a.savedAtMs), ...bad]
}

/**
 * Restores what was saved of one attempt into a new folder: every file as it was, and every repository with its
 * branches, stashes, HEAD and index, under a fresh configuration (hooks and settings of the agent do not come back).
 * @throws WorkspaceFailure when nothing was saved, or `folder` is not empty.
 */
export const recoverSaved = async (input: {
  readonly savedDir: string
  readonly attemptId: string
  readonly folder: string
}): Promise<SavedWork> => {
  const { savedDir, attemptId, folder } = input
  const record = readJsonFile(savedRecordFile(savedDir, attemptId), SavedWork)
  if (!record.ok)
    throw new WorkspaceFailure('infra_tooling', `nothing to recover of ${attemptId}: ${record.message}`)
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new WorkspaceFailure('infra_tooling', `${folder} is not empty; name a new folder to recover into`)
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const indexFile = join(folder, '.recovering.index')
  const options = { gitDir: savedDir, workTree: folder, indexFile }
  await git([...SAVING_CONFIG, 'read-tree', savedRef(attemptId, 'files')], options)
  await git([...SAVING_CONFIG, 'checkout-index', '--all'], options)
  rmSync(indexFile, { force: true })
  for (const [number, repository] of record.value.repositories.entries()) {
    const from = savedRef(attemptId, `git/${number}`)
    await recoverRepository({ savedDir, from, dir: join(folder, repository.path), repository })
  }
  return record.value
}

const recoverRepository = async (input: {
  readonly savedDir: string
  readonly from: string
  readonly dir: string
  readonly repository: SavedWork['repositories'][number]
}): Promise<void> => {
  const { savedDir, from, dir, repository } = input
  const own = { gitDir: dir }
  await git(['init', '--quiet', '--bare', dir], {})
  // Straight from one repository of ours into another that nobody else has written to.
  await git(
    ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', savedDir, `+${from}/*:refs/saved/*`],
    own,
  )
  await git(['config', 'core.bare', repository.workTree === null ? 'true' : 'false'], own)
  const entries = Object.entries(repository.refs)
  const refs = entries.flatMap(([name, sha]) =>
    name.startsWith('all/') ? [`update refs/${decodeName(name.slice('all/'.length))} ${sha}\n`] : [],
  )
  await git(['update-ref', '--stdin'], { ...own, input: refs.join('') })
  const stashes = entries.filter(([name]) => name.startsWith('stash/'))
  for (const [name, sha] of stashes.sort(([a], [b]) => stashNumber(b) - stashNumber(a))) {
    await git(['stash', 'store', '-m', `saved ${name}`, sha], own)
  }
  if (repository.headRef !== null) await git(['symbolic-ref', 'HEAD', repository.headRef], own)
  else if (repository.refs.head !== undefined)
    await git(['update-ref', '--no-deref', 'HEAD', repository.refs.head], own)
  if (repository.refs.index !== undefined) await git(['read-tree', repository.refs.index], own)
}

const stashNumber = (name: string): number => Number(name.slice('stash/'.length))

const decodeName = (name: string): string => {
  try {
    return decodeURIComponent(name)
  } catch {
    // Bytes that are no UTF-8 keep their escaped name.
    return name
  }
}
