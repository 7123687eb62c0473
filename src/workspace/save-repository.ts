import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { git } from '../platform/git.ts'
import { GitError } from '../platform/git-error.ts'
import { type EffectProcess, runGitEffect } from './git-effect.ts'
import { type Quarantine, quarantine } from './quarantine.ts'
import { quotePath, unquotePath } from './quote-path.ts'
import { SAVING_CONFIG, savedRef } from './saved-repository.ts'
import { CannotSave } from './workspace-failure.ts'

export interface SavedRepository {
  readonly headRef: string | null
  /** Names under `refs/saved/<attempt>/git/<number>/` to what each must be. */
  readonly refs: Readonly<Record<string, string>>
}

/**
 * Fetches everything a git folder of the agent's holds into `saved.git`: HEAD, branches, stashes, index. Every object
 * is checked on the way in (fsck, and that all it refers to came along).
 * @throws CannotSave naming the folder where git refuses.
 */
export const saveRepository = async (input: {
  readonly gitDir: string
  readonly savedDir: string
  readonly attemptId: string
  readonly baseRefs: string | null
  readonly number: number
  /** A folder of ours to work in. */
  readonly scratch: string
  readonly effect: EffectProcess
}): Promise<SavedRepository> => {
  const { gitDir, savedDir, attemptId, number, effect } = input
  const dir = join(input.scratch, `git-${number}`)
  const held = await quarantine({ gitDir, dir, baseRefs: input.baseRefs })
  const indexTree = await treeOfIndex(held, gitDir)
  if (indexTree !== null) await appendFile(join(held.dir, 'packed-refs'), `${indexTree} refs/index\n`)

  const target = savedRef(attemptId, `git/${number}/`)
  const fetch = (refspecs: readonly string[]) =>
    runGitEffect(
      [
        ...SAVING_CONFIG,
        ...[
          `--git-dir=${savedDir}`,
          'fetch',
          '--quiet',
          '--no-tags',
          '--no-write-fetch-head',
          '--',
          held.dir,
        ],
        ...refspecs,
      ],
      { effect },
    )
  const wanted = [...held.refs.keys(), ...(indexTree === null ? [] : ['refs/index'])]
  if (wanted.length === 0 && held.remembered.length === 0) return { headRef: held.headRef, refs: {} }
  const all = await fetch([`+refs/*:${target}*`])
  if (all.exitCode !== 0) {
    // What only the reflog remembers may have lost objects; the rest must come without it.
    const needed = wanted.map((name) => `+${name}:${target}${name.slice('refs/'.length)}`)
    const result = held.remembered.length > 0 ? await fetch(needed) : all
    if (result.exitCode !== 0) throw new CannotSave(gitDir, result.stderr.trim().slice(-1_000))
  }
  const refs = [...held.refs, ...(indexTree === null ? [] : [['refs/index', indexTree] as const])]
  return {
    headRef: held.headRef,
    refs: Object.fromEntries(refs.map(([name, sha]) => [name.slice('refs/'.length), sha])),
  }
}

/** What is staged, as a tree. An index in the middle of a merge becomes one folder a stage. */
const treeOfIndex = async ({ dir, index }: Quarantine, gitDir: string): Promise<string | null> => {
  if (index === null) return null
  const own = { gitDir: dir, indexFile: index }
  try {
    return (await git([...SAVING_CONFIG, 'write-tree'], own)).stdout.trim()
  } catch (error) {
    if (!(error instanceof GitError)) throw error
  }
  try {
    const { stdout } = await git([...SAVING_CONFIG, 'ls-files', '--stage'], own)
    const staged = { gitDir: dir, indexFile: join(dir, 'stages.index') }
    const lines = stdout.split('\n').filter((line) => line !== '')
    await git([...SAVING_CONFIG, 'update-index', '--add', '--index-info'], {
      ...staged,
      input: lines.map(byStage).join(''),
    })
    return (await git([...SAVING_CONFIG, 'write-tree'], staged)).stdout.trim()
  } catch (error) {
    throw new CannotSave(`${gitDir}/index`, (error as Error).message, { cause: error })
  }
}

const byStage = (line: string): string => {
  const [entry = '', path = ''] = line.split('\t')
  const [mode, sha, stage] = entry.split(' ')
  return `${mode} ${sha} 0\t${quotePath(`stage-${stage}/${unquotePath(path)}`)}\n`
}
