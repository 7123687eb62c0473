import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJsonFile } from '../platform/atomic-file.ts'
import { git } from '../platform/git.ts'
import { savedRecordFile, savedRefs } from './saved-repository.ts'
import { SavedWork } from './saved-work.ts'

/** Left where refs were dropped and nobody has collected their objects yet. */
const uncollected = (savedDir: string): string => join(savedDir, 'oc-supervise', 'uncollected')

/** The attempts of which `saved.git` holds something. */
export const savedAttempts = async (savedDir: string): Promise<string[]> => {
  if (!existsSync(savedDir)) return []
  const { stdout } = await git(['for-each-ref', '--format=%(refname)', 'refs/saved'], { gitDir: savedDir })
  const names = stdout.split('\n').flatMap((ref) => ref.split('/')[2] ?? [])
  return [...new Set(names)].sort()
}

/** When an attempt was last saved, UTC ms; null where no record says so. */
export const savedAtMs = (savedDir: string, attempt: string): number | null => {
  const record = readJsonFile(savedRecordFile(savedDir, attempt), SavedWork)
  return record.ok ? record.value.savedAtMs : null
}

/** Bytes on disk that only these attempts need. */
export const savedBytes = async (savedDir: string, attempts: readonly string[]): Promise<number> => {
  const all = await refsBelow(savedDir, ['refs/'])
  const own = await refsBelow(savedDir, attempts.map(savedRefs))
  const others = [...all].filter(([ref]) => !own.has(ref)).map(([, id]) => id)
  const input = [...own.values(), ...others.map((id) => `^${id}`)].map((line) => `${line}\n`).join('')
  const { stdout } = await git(['rev-list', '--objects', '--disk-usage', '--stdin'], {
    gitDir: savedDir,
    input,
  })
  return Number(stdout.trim())
}

/** Forgets what was saved of attempts whose time is over: refs in one transaction, then their records. Safe to repeat. */
export const dropSaved = async (savedDir: string, attempts: readonly string[]): Promise<void> => {
  const refs = await refsBelow(savedDir, attempts.map(savedRefs))
  writeFileSync(uncollected(savedDir), '')
  const input = [...refs].map(([ref, id]) => `delete ${ref} ${id}\n`).join('')
  await git(['update-ref', '--stdin'], { gitDir: savedDir, input })
  for (const attempt of attempts) rmSync(savedRecordFile(savedDir, attempt), { force: true })
}

/**
 * Frees the objects of what was dropped. Only while nobody saves: an object that a save finds already there could go
 * before its ref comes.
 */
export const collectSaved = async (savedDir: string): Promise<void> => {
  if (!existsSync(uncollected(savedDir))) return
  await git(['gc', '--quiet', '--prune=now'], { gitDir: savedDir })
  rmSync(uncollected(savedDir), { force: true })
}

const refsBelow = async (savedDir: string, prefixes: readonly string[]): Promise<Map<string, string>> => {
  if (prefixes.length === 0) return new Map()
  const { stdout } = await git(['for-each-ref', '--format=%(refname) %(objectname)', ...prefixes], {
    gitDir: savedDir,
  })
  const lines = stdout.split('\n').filter((line) => line !== '')
  return new Map(lines.map((line) => line.split(' ') as [string, string]))
}
