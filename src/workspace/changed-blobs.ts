import type { ChangedFile } from '../contracts/work.ts'
import { git } from '../platform/git.ts'

/** One changed file with what it holds on both sides. */
export interface ChangedBlob {
  readonly path: string
  readonly change: ChangedFile['change']
  /** Null where there is no file, or it could not be read because of its size. */
  readonly before: string | null
  readonly after: string | null
  /** True where a side is too large to be read, or was one too many. */
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
/** What is read of one change: of files that are no text a patch, and so a measurement, tells next to nothing. */
const MOST_BYTES = 2 * BATCH_BYTES
const CHANGES = { A: 'added', M: 'modified', D: 'deleted', T: 'type_changed' } as const
const SUBMODULE = '160000'

/**
 * Reads every file that differs between two commits of a mirror, whole, on both sides. Text is UTF-8, UTF-16 where a byte
 * order mark says so, else one character a byte. Links are their targets; submodules hold nothing of this repository.
 * @param files what was measured between the two, where it is known: one git command less
 */
export const changedBlobs = async (input: {
  readonly mirror: string
  readonly from: string
  readonly to: string
  readonly files?: readonly Pick<ChangedFile, 'path' | 'change' | 'kind'>[]
}): Promise<ChangedContent> => {
  const { mirror, from, to, files } = input
  const measured = files?.every(({ path }) => !path.includes('\n')) === true ? files : null
  const entries = measured === null ? await listEntries(mirror, from, to) : measured.map(entryOf(from, to))
  // What is new comes first, while there is room for it.
  const wanted = new Set(
    [...entries.map(({ after }) => after), ...entries.map(({ before }) => before)].filter(
      (name) => name !== null,
    ),
  )
  const objects = await readObjects(mirror, [to, ...wanted])
  const read = (name: string | null): string | null => (name === null ? null : (objects.get(name) ?? null))
  return {
    blobs: entries.map(({ path, change, before, after }) => ({
      path,
      change,
      before: read(before),
      after: read(after),
      tooLarge: [before, after].some((name) => name !== null && !objects.has(name)),
    })),
    message: (objects.get(to) ?? '').replace(/^[\s\S]*?\n\n/, ''),
  }
}

/** One changed file, with the names by which git finds its two sides; null where there is none. */
interface Entry {
  readonly path: string
  readonly change: ChangedFile['change']
  readonly before: string | null
  readonly after: string | null
}

const entryOf =
  (from: string, to: string) =>
  ({ path, change, kind }: Pick<ChangedFile, 'path' | 'change' | 'kind'>): Entry => ({
    path,
    change,
    before: change === 'added' ? null : `${from}:${path}`,
    after: change === 'deleted' || kind === 'submodule' ? null : `${to}:${path}`,
  })

const listEntries = async (mirror: string, from: string, to: string): Promise<Entry[]> => {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-abbrev', '--no-renames', from, to]
  const fields = (await git(args, { gitDir: mirror })).stdout.split('\0')
  const entries: Entry[] = []
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const record = fields[at] ?? ''
    const path = fields[at + 1]
    const [oldMode, newMode, oldId = '', newId = '', letter = ''] = record.slice(1).split(' ')
    const change = CHANGES[letter as keyof typeof CHANGES]
    if (change === undefined || !path)
      throw new Error(`git diff-tree: unexpected record ${JSON.stringify(record)}`)
    const nameOf = (mode: string | undefined, id: string): string | null =>
      mode === SUBMODULE || /^0*$/.test(id) ? null : id
    entries.push({ path, change, before: nameOf(oldMode, oldId), after: nameOf(newMode, newId) })
  }
  return entries
}

/**
 * Objects by the names that were asked for: null for one that is not in this repository; absent where it is too large to
 * be read, alone or with those before it. All at once where they fit, else in pieces by their sizes.
 */
const readObjects = async (mirror: string, names: readonly string[]): Promise<Map<string, string | null>> => {
  try {
    return await readBatch(mirror, names)
  } catch {
    const objects = new Map<string, string | null>()
    for (const batch of await batches(mirror, names))
      for (const [name, text] of await readBatch(mirror, batch)) objects.set(name, text)
    return objects
  }
}

const batches = async (mirror: string, names: readonly string[]): Promise<string[][]> => {
  const { stdout } = await git(['cat-file', '--batch-check=%(objectsize)'], {
    gitDir: mirror,
    input: lines(names),
  })
  const made: string[][] = [[]]
  let bytes = 0
  let all = 0
  for (const [index, line] of stdout.trimEnd().split('\n').entries()) {
    const weight = (/^\d+$/.test(line) ? Number(line) : 0) + 1_000
    if (weight > BATCH_BYTES || all + weight > MOST_BYTES) continue
    all += weight
    if (bytes + weight > BATCH_BYTES) {
      made.push([])
      bytes = 0
    }
    made.at(-1)?.push(names[index] ?? '')
    bytes += weight
  }
  return made.filter((batch) => batch.length > 0)
}

/** Answers come in the order of the questions. */
const readBatch = async (mirror: string, names: readonly string[]): Promise<Map<string, string | null>> => {
  const args = ['cat-file', '--batch=%(objecttype) %(objectsize)']
  const { stdout } = await git(args, { gitDir: mirror, input: lines(names), encoding: 'latin1' })
  const objects = new Map<string, string | null>()
  let at = 0
  for (const name of names) {
    const end = stdout.indexOf('\n', at)
    const header = end < 0 ? '' : stdout.slice(at, end)
    const size = /^(?:blob|commit) (\d+)$/.exec(header)?.[1]
    if (size === undefined && !/ (?:missing|submodule)$/.test(header))
      throw new Error(`git cat-file: unexpected answer ${JSON.stringify(header.slice(0, 100))}`)
    objects.set(name, size === undefined ? null : decode(stdout.slice(end + 1, end + 1 + Number(size))))
    at = size === undefined ? end + 1 : end + 1 + Number(size) + 1
  }
  return objects
}

const lines = (names: readonly string[]): string => names.map((name) => `${name}\n`).join('')

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
