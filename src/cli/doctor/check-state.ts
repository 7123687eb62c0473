import { accessSync, constants, existsSync, readdirSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { StatusFile } from '../../contracts/status.ts'
import { readJsonFile } from '../../platform/atomic-file.ts'
import { readHostResources } from '../../platform/host-resources.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { attention, type Check, ok } from './check.ts'

export type Limits = Pick<CompiledManifest['limits'], 'minFreeMemoryBytes' | 'minFreeDiskBytes'>

/** The limits of a manifest that names none. */
export const DEFAULT_LIMITS: Limits = { minFreeMemoryBytes: 512 * 2 ** 20, minFreeDiskBytes: 2 ** 30 }

/** The state folder itself: who may read it, whether we may write it, and whether there is room. */
export const checkState = (layout: StateLayout, limits: Limits): Check[] => [
  checkFolder(layout.root),
  checkKeys(layout.keys),
  ...checkStatus(layout.status),
  ...checkRoom(layout.root, limits),
]

const checkFolder = (root: string): Check => {
  const facts = statSync(root)
  const mode = modeOf(facts)
  if (facts.uid !== process.getuid?.())
    return attention('state folder', `${root} belongs to another user (uid ${facts.uid})`, 'run as that user')
  if ((facts.mode & 0o077) !== 0)
    return attention('state folder', `${root} can be entered by others (mode ${mode})`, `chmod 700 ${root}`)
  if (!isWritable(root))
    return attention('state folder', `${root} cannot be written (mode ${mode})`, `chmod 700 ${root}`)
  return ok('state folder', `${root}, ours alone`)
}

/** Whoever reads a private key can sign in our name. */
const checkKeys = (dir: string): Check => {
  const open = namesIn(dir).filter(
    (name) => name.endsWith('.key') && (statSync(join(dir, name)).mode & 0o077) !== 0,
  )
  const [first] = open
  return first === undefined
    ? ok('keys', 'readable by nobody else')
    : attention('keys', `others can read ${open.join(', ')}`, `chmod 600 ${join(dir, first)}`)
}

/** `status` claims nothing from a record that it cannot read. */
const checkStatus = (path: string): Check[] => {
  if (!existsSync(path)) return []
  const read = readJsonFile(path, StatusFile)
  return [
    read.ok
      ? ok('status file', 'can be read')
      : attention('status file', read.message, 'the next oc-supervise run writes it anew'),
  ]
}

/** Less than the limits, and lanes claim nothing. */
export const checkRoom = (path: string, limits: Limits): Check[] => {
  const { freeDiskBytes, freeMemoryBytes } = readHostResources(path)
  return [
    room('disk', freeDiskBytes, limits.minFreeDiskBytes, 'min_free_disk', 'free some where the state lies'),
    room('memory', freeMemoryBytes, limits.minFreeMemoryBytes, 'min_free_memory', 'end what uses it'),
  ]
}

const room = (name: string, free: number, wanted: number, limit: string, what: string): Check =>
  free >= wanted
    ? ok(name, `${mib(free)} free`)
    : attention(
        name,
        `${mib(free)} free, ${mib(wanted)} wanted: nothing new is claimed`,
        `${what}, or lower limits.${limit}`,
      )

const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`
const modeOf = (facts: Stats): string => (facts.mode & 0o777).toString(8).padStart(4, '0')

const isWritable = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

const namesIn = (dir: string): string[] => {
  try {
    return readdirSync(dir)
  } catch {
    return []
  }
}
