import { lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { SandboxWorld } from './sandbox-world.ts'
import { isAtOrUnder, SYSTEM_PLACES } from './tool-places.ts'

/** Where the sandbox's own sockets and working folder lie: in memory, gone with its processes however they end. */
export const WALL_SCRATCH = '/run'

/** One thing that shows inside. `source` null: an empty folder in memory. */
interface Place {
  readonly path: string
  readonly mount: 'read' | 'write' | 'empty' | 'blank' | 'link'
  readonly source: string
}

/**
 * The options of `bwrap` for the first wall: a root that holds the system's folders and what the world names, and
 * nothing else of this machine. What is not in it cannot be uncovered from inside, whatever rights are won there.
 */
export const firstWallOptions = (world: SandboxWorld): string[] => {
  const shown = [...SYSTEM_PLACES, ...world.readable].filter(exists)
  const hidden = namesOfHidden(world.hidden, shown)
  const readable = outermost(shown, hidden)
  const places: Place[] = [
    ...readable.map(readPlace),
    { path: WALL_SCRATCH, mount: 'empty', source: '' },
    ...resolverPlaces(),
    ...hidden.map(hiddenPlace),
    ...rootsOwn(),
    ...world.writable.map((path): Place => ({ path, mount: 'write', source: path })),
    { path: '/tmp', mount: 'write', source: world.tmp },
  ]
  return [
    ...['--unshare-user', '--unshare-ipc', '--die-with-parent'],
    ...rootCapabilities(),
    // A folder before what lies in it, else it would cover that.
    ...places.toSorted((a, b) => depth(a.path) - depth(b.path)).flatMap(placeOptions),
    // The /proc of our PID namespace as it is: a covered one could not be mounted afresh by the second wall.
    ...['--symlink', '/tmp', '/var/tmp', '--dev', '/dev', '--bind', '/proc', '/proc'],
  ]
}

const placeOptions = ({ path, mount, source }: Place): string[] => {
  if (mount === 'read') return ['--ro-bind', source, path]
  if (mount === 'write') return ['--bind', source, path]
  if (mount === 'link') return ['--symlink', source, path]
  return mount === 'empty' ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path]
}

/** Every name by which something hidden would show: links lead to it, and places are shown, by other names than its own. */
const namesOfHidden = (hidden: readonly string[], shown: readonly string[]): string[] => {
  const places = shown
    .filter((place) => !lstatSync(place).isSymbolicLink())
    .map((place) => ({ place, real: realpathSync(place) }))
  const names = hidden
    .flatMap((path) => realOrNull(path) ?? [])
    .flatMap((path) =>
      places
        .filter(({ real }) => isAtOrUnder(path, real))
        .map(({ place, real }) => join(place, path.slice(real.length))),
    )
  return [...new Set(names)]
}

/** Without what another one shows already, unless something hidden lies between the two. */
const outermost = (paths: readonly string[], hidden: readonly string[]): string[] =>
  [...new Set(paths)].filter(
    (path, _at, all) =>
      !all.some(
        (other) =>
          other !== path &&
          isAtOrUnder(path, other) &&
          !hidden.some((it) => isAtOrUnder(path, it) && isAtOrUnder(it, other)),
      ),
  )

/** Links (such as /bin on most systems) stay links. */
const readPlace = (path: string): Place =>
  lstatSync(path).isSymbolicLink()
    ? { path, mount: 'link', source: readlinkSync(path) }
    : { path, mount: 'read', source: path }

const hiddenPlace = (path: string): Place => ({
  path,
  mount: lstatSync(path).isDirectory() ? 'empty' : 'blank',
  source: '',
})

/** Names are resolved outside the inner wall only, by our proxy, which needs to know its servers. */
const resolverPlaces = (): Place[] => {
  const real = realOrNull('/etc/resolv.conf')
  return real === null || isAtOrUnder(real, '/etc') ? [] : [{ path: real, mount: 'read', source: real }]
}

/**
 * Root may read what no other user of the machine may: password hashes, host keys. A sandbox of root is shown no more
 * of /etc than everybody may read.
 */
const rootsOwn = (): Place[] => (process.getuid?.() === 0 ? closedIn('/etc') : [])

const closedIn = (folder: string): Place[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry): Place[] => {
    const path = join(folder, entry.name)
    const forOthers = entry.isSymbolicLink() ? 0o5 : lstatSync(path).mode & 0o005
    if (entry.isDirectory()) {
      return forOthers === 0o5 ? closedIn(path) : [{ path, mount: 'empty', source: '' }]
    }
    return (forOthers & 0o4) === 0 ? [{ path, mount: 'blank', source: '' }] : []
  })

/** A root caller's inner wall maps uid 0 again, which the kernel allows only to whoever holds this one. */
const rootCapabilities = (): string[] =>
  process.getuid?.() === 0 ? ['--cap-drop', 'ALL', '--cap-add', 'CAP_SETFCAP'] : []

const depth = (path: string): number => path.split('/').filter((part) => part !== '').length

const exists = (path: string): boolean => realOrNull(path) !== null

const realOrNull = (path: string): string | null => {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}
