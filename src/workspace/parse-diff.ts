import type { ChangedFile } from '../contracts/work.ts'

const CHANGES: Readonly<Record<string, ChangedFile['change']>> = {
  A: 'added',
  M: 'modified',
  D: 'deleted',
  T: 'type_changed',
}
const KINDS: Readonly<Record<string, ChangedFile['kind']>> = {
  '100644': 'file',
  '100755': 'executable',
  '120000': 'symlink',
  '160000': 'submodule',
  '000000': 'none',
}

/**
 * Reads `git diff-tree -r -z --raw --numstat --no-renames`: every changed path once, in git's order, with its kind
 * after the change. Line counts are null where git counts none (binary files).
 * @throws Error when the text is something else; scope is never guessed.
 */
export const parseDiff = (text: string): ChangedFile[] => {
  const fields = text.split('\0')
  const counts = new Map<string, [number | null, number | null]>()
  const changes: Omit<ChangedFile, 'linesAdded' | 'linesRemoved'>[] = []
  for (let at = 0; at < fields.length; at += 1) {
    const field = fields[at] ?? ''
    if (field.startsWith(':')) {
      at += 1
      changes.push(parseRaw(field, fields[at]))
    } else if (field.trim() !== '') {
      const match = /^(\d+|-)\t(\d+|-)\t([\s\S]+)$/.exec(field)
      if (match === null) throw new Error(`git diff: unexpected line ${JSON.stringify(field.slice(0, 200))}`)
      counts.set(match[3] ?? '', [count(match[1]), count(match[2])])
    }
  }
  return changes.map((change) => {
    const [linesAdded, linesRemoved] = counts.get(change.path) ?? [null, null]
    return { ...change, linesAdded, linesRemoved }
  })
}

/** What `git diff --stat` tells, in plain lines: counts and paths, then the sum. */
export const diffStat = (files: readonly ChangedFile[]): string => {
  const lines = files.map(
    (file) =>
      `${file.linesAdded ?? '-'}\t${file.linesRemoved ?? '-'}\t${file.change}\t${printable(file.path)}`,
  )
  const added = files.reduce((sum, file) => sum + (file.linesAdded ?? 0), 0)
  const removed = files.reduce((sum, file) => sum + (file.linesRemoved ?? 0), 0)
  return `${[...lines, `${files.length} files changed, ${added} lines added, ${removed} lines removed`].join('\n')}\n`
}

const parseRaw = (
  field: string,
  path: string | undefined,
): Omit<ChangedFile, 'linesAdded' | 'linesRemoved'> => {
  const [, mode = '', , , letter = ''] = field.split(' ')
  const change = CHANGES[letter]
  const kind = KINDS[mode]
  if (change === undefined || kind === undefined || !path) {
    throw new Error(`git diff: unexpected record ${JSON.stringify(field)} for ${JSON.stringify(path)}`)
  }
  return { path, change, kind }
}

const count = (text: string | undefined): number | null => (text === '-' ? null : Number(text))

const printable = (path: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters must not reach a terminal
  /[\x00-\x1f\x7f-\x9f]/.test(path) ? JSON.stringify(path) : path
