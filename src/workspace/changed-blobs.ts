import type { ChangedFile } from '../contracts/work.ts'
import { git } from '../platform/git.ts'

/** One changed file with what it holds on both sides. */
export interface ChangedBlob {
  readonly path: string
  readonly change: ChangedFile['change']
  /** Null where there is no file, or it could not be read because of its size. */
  readonly before: string | null
  readonly after: string | null
  /** True where a side is too large to be read. */
  readonly tooLarge: boolean
}

/** What a commit changes against its base. */
export interface ChangedContent {
  readonly blobs: readonly ChangedBlob[]
  /** The commit's own message. */
  readonly message: string
}

/** What git writes at once; its own limit is twice that, and every object brings a header. */
const BATCH_BYTES = 32 * 1024 * 1024
const CHANGES = { A: 'added', M: 'modified', D: 'deleted', T: 'type_changed' } as const
const NONE = /^0+$/

/**
 * Reads every file that differs between two commits of a mirror, whole, on both sides: two git commands as long as all
 * of it fits into 32 MiB. Text is UTF-8, UTF-16 where a byte order mark says so, else one character a byte. Links are
 * their targets; submodules hold nothing of this repository and are left out.
 */
export const changedBlobs = async (input: {
  readonly mirror: string
  readonly from: string
  readonly to: string
}): Promise<ChangedContent> => {
  const { mirror, from, to } = input
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-abbrev', '--no-renames']
  const entries = parseRaw((await git([...args, from, to], { gitDir: mirror })).stdout)
  const wanted = new Set(entries.flatMap(({ oldId, newId }) => [oldId, newId]).filter((id) => !NONE.test(id)))
  const objects = await readObjects(mirror, [to, ...wanted])
  const text = (id: string): string | null => (NONE.test(id) ? null : (objects.get(id) ?? null))
  return {
    blobs: entries.map(({ path, change, oldId, newId }) => ({
      path,
      change,
      before: text(oldId),
      after: text(newId),
      tooLarge: [oldId, newId].some((id) => !NONE.test(id) && !objects.has(id)),
    })),
    message: (objects.get(to) ?? '').replace(/^[\s\S]*?\n\n/, ''),
  }
}

interface Entry {
  readonly path: string
  readonly change: ChangedFile['change']
  readonly oldId: string
  readonly newId: string
}

const parseRaw = (text: string): Entry[] => {
  const fields = text.split('\0')
  const entries: Entry[] = []
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [oldMode = '', newMode = '', oldId = '', newId = '', letter = ''] = (fields[at] ?? '')
      .slice(1)
      .split(' ')
    const change = CHANGES[letter as keyof typeof CHANGES]
    const path = fields[at + 1]
    if (change === undefined || !path)
      throw new Error(`git diff-tree: unexpected record ${JSON.stringify(fields[at])}`)
    const none = '0'.repeat(newId.length)
    entries.push({
      path,
      change,
      oldId: oldMode === SUBMODULE ? none : oldId,
      newId: newMode === SUBMODULE ? none : newId,
    })
  }
  return entries
}

const SUBMODULE = '160000'

/** Objects by id; one that is too large to be read is absent. All at once where they fit, else in pieces by their sizes. */
const readObjects = async (mirror: string, ids: readonly string[]): Promise<Map<string, string>> => {
  try {
    return await readBatch(mirror, ids)
  } catch {
    const objects = new Map<string, string>()
    for (const batch of await batches(mirror, ids))
      for (const [id, text] of await readBatch(mirror, batch)) objects.set(id, text)
    return objects
  }
}

const batches = async (mirror: string, ids: readonly string[]): Promise<string[][]> => {
  const { stdout } = await git(['cat-file', '--batch-check'], {
    gitDir: mirror,
    input: `${ids.join('\n')}\n`,
  })
  const made: string[][] = [[]]
  let bytes = 0
  for (const line of stdout.trim().split('\n')) {
    const [id = '', , size = ''] = line.split(' ')
    const weight = Number(size) + 100
    if (!(weight <= BATCH_BYTES)) continue
    if (bytes + weight > BATCH_BYTES) {
      made.push([])
      bytes = 0
    }
    made.at(-1)?.push(id)
    bytes += weight
  }
  return made.filter((batch) => batch.length > 0)
}

const readBatch = async (mirror: string, ids: readonly string[]): Promise<Map<string, string>> => {
  const input = `${ids.join('\n')}\n`
  const { stdout } = await git(['cat-file', '--batch'], { gitDir: mirror, input, encoding: 'latin1' })
  const objects = new Map<string, string>()
  for (let at = 0; at < stdout.length; ) {
    const end = stdout.indexOf('\n', at)
    const [id = '', kind = '', size = ''] = stdout.slice(at, end).split(' ')
    const length = Number(size)
    if (end < 0 || !/^(blob|commit)$/.test(kind) || !Number.isSafeInteger(length))
      throw new Error(`git cat-file: unexpected header ${JSON.stringify(stdout.slice(at, at + 100))}`)
    objects.set(id, decode(stdout.slice(end + 1, end + 1 + length)))
    at = end + 1 + length + 1
  }
  return objects
}

/** Bytes, one a character, as text. */
const decode = (bytes: string): string => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: any byte of ASCII is the same in UTF-8
  if (/^[\x00-\x7f]*$/.test(bytes)) return bytes
  const buffer = Buffer.from(bytes, 'latin1')
  for (const [mark, encoding] of MARKS)
    if (bytes.startsWith(mark)) return new TextDecoder(encoding).decode(buffer)
  const text = buffer.toString('utf8')
  return text.includes('\ufffd') ? bytes : text
}

const MARKS = [
  ['\xff\xfe', 'utf-16le'],
  ['\xfe\xff', 'utf-16be'],
] as const
