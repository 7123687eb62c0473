import { mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { folderInside } from '../platform/folder-inside.ts'
import { git } from '../platform/git.ts'
import { removeTree } from '../platform/remove-tree.ts'
import { copyIndex } from './copy-index.ts'
import type { FreshClone } from './fresh-clone.ts'

/**
 * Puts files of a clone back as another commit has them, in its work tree and in its index (as it was when the clone
 * was made), so that git shows no difference there. Files that commit does not have stay as they are.
 *
 * The setup commands have run in the clone, and with them code of the commit that is judged: its `.git` may hold filters
 * by now, and links may stand where its folders were. So the mirror's git writes the files beside the clone, under the
 * attributes of that commit alone, and each is moved to where it belongs.
 * @returns the files that were put back
 */
export const restoreFromBase = async (input: {
  readonly clone: FreshClone
  readonly mirror: string
  readonly baseSha: string
  readonly paths: readonly string[]
}): Promise<string[]> => {
  const { clone, mirror, baseSha, paths } = input
  const listed = await git(['ls-tree', '-r', '-z', '--full-tree', baseSha], { gitDir: mirror })
  const known = new Map(listed.stdout.split('\0').map((line) => [line.slice(line.indexOf('\t') + 1), line]))
  const there = paths.filter((path) => known.has(path))
  if (there.length === 0) return []

  const files = join(clone.beside, 'files')
  await removeTree(files)
  mkdirSync(files)
  const base = { gitDir: mirror, workTree: files, indexFile: join(clone.beside, 'files.index') }
  await git(['read-tree', baseSha], base)
  await git(['checkout-index', '--quiet', '-z', '--stdin'], { ...base, input: there.join('\0') })
  for (const path of there) await move(join(files, path), clone.path, path)

  const index = join(clone.beside, 'index')
  copyIndex(clone.index, index)
  await git(['update-index', '--add', '--replace', '-z', '--index-info'], {
    ...{ gitDir: mirror, workTree: clone.path, indexFile: index },
    input: there.map((path) => `${known.get(path)}\0`).join(''),
  })
  await move(index, clone.path, '.git/index')
  return there
}

const move = async (from: string, folder: string, path: string): Promise<void> => {
  const parts = path.split('/')
  const to = join(folderInside(folder, parts.slice(0, -1)), parts.at(-1) ?? '')
  await removeTree(to)
  renameSync(from, to)
}
