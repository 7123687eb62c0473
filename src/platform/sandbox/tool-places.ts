import { closeSync, lstatSync, openSync, readlinkSync, readSync, realpathSync } from 'node:fs'
import { basename, delimiter, dirname, join, resolve, sep } from 'node:path'

/** The system's own folders: programs, libraries and their configuration, the same for every user. */
export const SYSTEM_PLACES = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/etc',
  '/opt',
  '/nix',
  '/gnu',
  '/snap',
  '/sys/fs/cgroup',
  '/sys/devices/system/cpu',
] as const

/** What beside a `bin` belongs to programs. Never all of it: it may be the folder of an application, or of a person. */
const BESIDE_BIN = ['lib', 'lib32', 'lib64', 'libexec', 'include', 'tools', 'versions', 'installs', 'plugins']

/** Not in somebody's HOME: tools keep logins there. */
const BESIDE_SHARED_BIN = [...BESIDE_BIN, 'share', 'opt', 'Cellar']

/** Folders outside the system's own that programs found on this PATH need. @param home the person's */
export const toolPlaces = (path: string, home: string): string[] =>
  path.split(delimiter).flatMap((folder) => {
    if (realOrNull(folder) === null || isSystem(folder)) return []
    const modules = modulesRoot(folder)
    if (modules !== null) return [modules]
    if (!['bin', 'sbin', 'shims'].includes(basename(folder))) return [folder]
    const prefix = dirname(folder)
    const beside = besideBin(realOrNull(prefix) ?? prefix, realOrNull(home) ?? home)
    return [folder, ...beside.map((name) => join(prefix, name))].filter((it) => realOrNull(it) !== null)
  })

/** A `bin` right in HOME is its owner's: `tools` or `lib` beside it may be anything. */
const besideBin = (prefix: string, home: string): readonly string[] => {
  if (isAtOrUnder(home, prefix)) return []
  return isAtOrUnder(prefix, home) ? BESIDE_BIN : BESIDE_SHARED_BIN
}

/**
 * What one program needs to run beside its PATH: the file itself wherever links lead, the tree of packages or the
 * prefix it was installed into, and the interpreter its first line names.
 */
export const programPlaces = (program: string, home: string): string[] => {
  const real = realOrNull(program)
  if (real === null) return []
  const interpreter = interpreterOf(real)
  return [
    ...linksOnTheWay(program),
    ...installPlaces(real, home),
    ...(interpreter === null || interpreter === real ? [] : programPlaces(interpreter, home)),
  ]
}

/** The links from a name to the file it means, itself included where it is one. */
const linksOnTheWay = (path: string): string[] => {
  if (isSystem(path) || !lstatSync(path).isSymbolicLink()) return []
  const modules = modulesRoot(path)
  return [modules ?? path, ...linksOnTheWay(resolve(dirname(path), readlinkSync(path)))]
}

const installPlaces = (real: string, home: string): string[] => {
  if (isSystem(real)) return []
  const modules = modulesRoot(real)
  if (modules !== null) return [modules]
  const prefix = dirname(dirname(real))
  // Deep enough below HOME to be one tool's own folder, as pipx, uv and nvm make them.
  const own = isAtOrUnder(prefix, home) && prefix.slice(home.length).split(sep).length > 3
  return basename(dirname(real)) === 'bin' && own ? [prefix] : [real]
}

/** The outermost folder of packages that holds this: packages lean on each other. */
const modulesRoot = (path: string): string | null => {
  const at = `${path}/`.indexOf('/node_modules/')
  return at === -1 ? null : path.slice(0, at + '/node_modules'.length)
}

const interpreterOf = (file: string): string | null => {
  const start = Buffer.alloc(256)
  try {
    const handle = openSync(file, 'r')
    try {
      readSync(handle, start)
    } finally {
      closeSync(handle)
    }
  } catch {
    return null
  }
  const match = /^#!\s*(\/\S+)/.exec(start.toString('latin1'))
  return match?.[1] === undefined ? null : realOrNull(match[1])
}

const realOrNull = (path: string): string | null => {
  if (!path.startsWith('/')) return null
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}

const isSystem = (path: string): boolean => SYSTEM_PLACES.some((place) => isAtOrUnder(path, place))

/** True for the folder itself and for everything in it. */
export const isAtOrUnder = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
