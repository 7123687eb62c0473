import { constants } from 'node:fs'
import { copyFile, link, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bytePath, displayPath, pathBytes } from './quote-path.ts'
import { listFolder, packedRefs, readPlainFile, readReflog, readRefs } from './read-refs.ts'
import { CannotSave } from './workspace-failure.ts'

/** What a repository of somebody else's holds, brought into a folder under our configuration. */
export interface Quarantine {
  readonly dir: string
  readonly headRef: string | null
  /** Names under `refs/`, safe for git, to what each is. These must be saved. */
  readonly refs: ReadonlyMap<string, string>
  /** Commits only the reflog remembers. Saved where their objects are still there. */
  readonly remembered: readonly string[]
  /** A copy of its index; null where it has none. */
  readonly index: string | null
}

/** How far back the reflog of HEAD is looked at. */
const REMEMBERED = 200

/**
 * Builds a bare repository of our own around the objects of a git folder that an agent could write to. Only objects
 * and the names of refs come over: no configuration, hooks, alternates, grafts, replacements, commit graphs or remotes,
 * and git itself never opens the folder. Objects are hard links; whoever fetches from here checks every one (fsck).
 * @throws CannotSave when the folder keeps refs or objects in a way we cannot read.
 */
export const quarantine = async (input: QuarantineInput): Promise<Quarantine> => {
  try {
    return await build(input)
  } catch (error) {
    if (error instanceof CannotSave) throw error
    throw new CannotSave(input.gitDir, (error as Error).message, { cause: error })
  }
}

interface QuarantineInput {
  readonly gitDir: string
  /** Where to build it; must not exist. */
  readonly dir: string
  /** A packed-refs file with the tags that came with the clone; null where none are known. */
  readonly baseRefs: string | null
}

const build = async ({ gitDir, dir, baseRefs }: QuarantineInput): Promise<Quarantine> => {
  const source = bytePath(gitDir)
  if (listFolder(`${source}/reftable`).length > 0) throw new CannotSave(gitDir, 'its refs are a reftable')
  await mkdir(join(dir, 'refs'), { recursive: true, mode: 0o700 })
  await bringObjects(`${source}/objects`, join(dir, 'objects'))

  const { refs, remembered, headRef } = wantedRefs(gitDir, baseRefs)
  const lines = [...refs, ...remembered.map((sha) => [`refs/remembered/${sha}`, sha] as const)]
  const index = readPlainFile(`${source}/index`)
  await writeFile(join(dir, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n')
  await writeFile(join(dir, 'HEAD'), 'ref: refs/none\n')
  await writeFile(join(dir, 'packed-refs'), lines.map(([name, sha]) => `${sha} ${name}\n`).join(''))
  if (index !== null) await writeFile(join(dir, 'agent.index'), index, 'latin1')
  for (const { name } of listFolder(source)) {
    const shared = /^sharedindex\.[0-9a-f]+$/.test(name) ? readPlainFile(`${source}/${name}`) : null
    if (shared !== null) await writeFile(join(dir, name), shared, 'latin1')
  }
  return { dir, headRef, refs, remembered, index: index === null ? null : join(dir, 'agent.index') }
}

/** HEAD, branches, every stash, the HEADs of linked work trees, own tags and other refs; not what merely mirrors a remote. */
const wantedRefs = (
  gitDir: string,
  baseRefs: string | null,
): Pick<Quarantine, 'refs' | 'remembered' | 'headRef'> => {
  const { head, headRef, refs } = readRefs(gitDir)
  const base = new Map(baseRefs === null ? [] : packedRefs(bytePath(baseRefs)))
  const isBase = (name: string, sha: string): boolean =>
    name.startsWith('refs/remotes/') || (name.startsWith('refs/tags/') && base.get(name) === sha)
  const wanted = new Map<string, string>()
  if (head !== null) wanted.set('refs/head', head)
  for (const [name, sha] of refs) {
    if (name !== 'refs/stash' && !isBase(name, sha)) wanted.set(`refs/all/${safeName(name.slice(5))}`, sha)
  }
  const stashes = new Set([refs.get('refs/stash') ?? [], readReflog(gitDir, 'refs/stash')].flat())
  for (const [number, sha] of [...stashes].entries()) wanted.set(`refs/stash/${number}`, sha)
  for (const { name } of listFolder(`${bytePath(gitDir)}/worktrees`)) {
    const linked = readPlainFile(`${bytePath(gitDir)}/worktrees/${name}/HEAD`)?.trim() ?? ''
    if (/^[0-9a-f]{40,64}$/.test(linked)) wanted.set(`refs/worktrees/${safeName(name)}`, linked)
  }
  const known = new Set([...wanted.values(), ...refs.values()])
  const remembered = readReflog(gitDir, 'HEAD').slice(0, REMEMBERED)
  return { headRef, refs: wanted, remembered: remembered.filter((sha) => !known.has(sha)) }
}

/** A ref's name in plain letters that git accepts and `decodeURIComponent` undoes. Names are bytes (see quote-path.ts). */
const safeName = (name: string): string => {
  const plain = name.replace(/[^A-Za-z0-9/_.+=,-]/g, percent)
  return /(^|\/)\.|\.\.|\.(\/|$)|\.lock(\/|$)/.test(plain) ? plain.replaceAll('.', '%2E') : plain
}

const percent = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

const bringObjects = async (from: string, to: string): Promise<void> => {
  await mkdir(join(to, 'pack'), { recursive: true })
  for (const { name, entry } of listFolder(from)) {
    const isLoose = /^[0-9a-f]{2}$/.test(name)
    if (!entry.isDirectory() || !(isLoose || name === 'pack')) continue
    const wanted = isLoose ? /^[0-9a-f]{38}(?:[0-9a-f]{24})?$/ : /^[A-Za-z0-9-]+\.(pack|idx)$/
    await mkdir(join(to, name), { recursive: true })
    for (const file of listFolder(`${from}/${name}`)) {
      if (file.entry.isFile() && wanted.test(file.name))
        await bring(`${from}/${name}/${file.name}`, join(to, name, file.name))
    }
  }
}

/** A hard link where the disk allows one: objects never change, and a changed one is refused by the fetch. */
const bring = async (from: string, to: string): Promise<void> => {
  try {
    await link(pathBytes(from), to)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'EMLINK' && code !== 'ENOTSUP') {
      throw new CannotSave(displayPath(from), (error as Error).message, { cause: error })
    }
    await copyFile(pathBytes(from), to, constants.COPYFILE_FICLONE)
  }
}
