import type { PolicyFinding } from '../contracts/policy-decision.ts'
import type { ChangedFile } from '../contracts/work.ts'

/** What one changed entry is, whatever its path: some kinds of entry reach beyond the repository. */
export const judgeKind = (file: ChangedFile): PolicyFinding[] => {
  const { path } = file
  const shown = JSON.stringify(path)
  const find = (rule: string, effect: PolicyFinding['effect'], message: string): PolicyFinding[] => [
    { rule, effect, message, path },
  ]
  if (leavesRepository(path)) return find('path.invalid', 'block', `${shown} is no path inside a repository`)
  if (isGitFolder(path)) return find('path.git_dir', 'block', `${shown} is, or passes for, git’s own folder`)
  if (file.change === 'deleted') return []
  switch (file.kind) {
    case 'submodule':
      return find(
        'path.submodule',
        'block',
        `${shown} is another repository’s commit: what it holds was not measured`,
      )
    case 'symlink':
      return find('path.symlink', 'review', `${shown} is a symbolic link, which may lead anywhere`)
    case 'executable':
      return judgeExecutable(file, find)
    default:
      return file.change === 'type_changed'
        ? find('path.type_changed', 'warn', `${shown} was another kind of entry before`)
        : []
  }
}

const judgeExecutable = (
  { path, change, linesAdded, linesRemoved }: ChangedFile,
  find: (rule: string, effect: 'warn', message: string) => PolicyFinding[],
): PolicyFinding[] => {
  const shown = JSON.stringify(path)
  if (change !== 'modified') return find('path.executable', 'warn', `${shown} is new and executable`)
  return linesAdded === 0 && linesRemoved === 0
    ? find('path.mode_changed', 'warn', `${shown} became executable`)
    : []
}

const leavesRepository = (path: string): boolean =>
  path.startsWith('/') ||
  path.includes('\0') ||
  path.split('/').some((name) => name === '..' || name === '.' || name === '')

/** Code points HFS+ ignores in names: `.g` + one of these + `it` is `.git` there. */
const IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu

/** `.git` as any file system we may be checked out on could understand it: case, NTFS' short name and trailing dots. */
const isGitFolder = (path: string): boolean =>
  path.split(/[/\\]/).some((name) => {
    const plain = name
      .replace(IGNORED, '')
      .toLowerCase()
      .replace(/:.*$/, '')
      .replace(/[. ]+$/, '')
    return plain === '.git' || plain === 'git~1'
  })
