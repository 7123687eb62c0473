import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeJsonAtomic } from '../atomic-file.ts'
import { removeTreeSync } from '../remove-tree.ts'
import { findSandbox } from './find-sandbox.ts'
import { firstWallOptions } from './first-wall.ts'
import { loopbackPorts } from './loopback-ports.ts'
import type { SandboxSettings, SandboxWorld } from './sandbox-world.ts'
import { programPlaces, toolPlaces } from './tool-places.ts'

const MAIN = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './sandbox-main.ts' : './sandbox-main.js', import.meta.url),
)

/**
 * Prepares the sandbox for one program; repeated for the same folder, it changes nothing on disk.
 * @param dir a folder of its own for our notes, which the program cannot write
 * @param path the PATH it will have
 * @returns the words before its own
 * @throws Error where this host has no sandbox; findSandbox says why beforehand.
 */
export const enterSandbox = ({
  world,
  dir,
  path,
}: {
  readonly world: SandboxWorld
  readonly dir: string
  readonly path: string
}): string[] => {
  const sandbox = findSandbox()
  if (!sandbox.ok) throw new Error(`there is no sandbox here: ${sandbox.missing}; ${sandbox.remedy}`)
  const { settingsFile, entered } = notesIn(dir)
  const readable = [...world.readable, ...toolPlaces(path, homedir()), ...ourPlaces(), settingsFile]
  const isLinux = sandbox.profile === 'bubblewrap'
  if (!existsSync(entered)) {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    removeTreeSync(world.tmp)
    mkdirSync(world.tmp, { recursive: true, mode: 0o700 })
    const settings: SandboxSettings = {
      v: 1,
      writable: world.writable,
      readable: isLinux ? [] : readable,
      hidden: isLinux ? [] : withRealNames([...PEOPLE_OF_MACOS, homedir(), ...world.hidden]),
      tmp: world.tmp,
      network: world.network,
      loopback: loopbackPorts(world.network),
      unixSockets: sandbox.unixSockets,
      entered,
    }
    writeJsonAtomic(settingsFile, settings)
    writeFileSync(entered, '')
  }
  const inner = [process.execPath, MAIN, settingsFile]
  if (!isLinux) return inner
  const writable = [...world.writable, entered]
  const wall = firstWallOptions({ ...world, readable, writable, hidden: [...world.hidden, homedir()] })
  return [...UNDISTURBED, sandbox.program, ...wall, '--', ...inner]
}

/** Whether the program prepared in `dir` was ever started; true where no sandbox was prepared there. */
export const wasEntered = (dir: string): boolean => {
  try {
    return readFileSync(notesIn(dir).entered, 'utf8') !== ''
  } catch {
    return true
  }
}

const notesIn = (dir: string) => ({ settingsFile: join(dir, 'settings.json'), entered: join(dir, 'entered') })

/** Rules go by names: what lies behind a link is hidden by both of its. */
const withRealNames = (paths: readonly string[]): string[] => [
  ...new Set(paths.flatMap((path) => (existsSync(path) ? [path, realpathSync(path)] : [path]))),
]

const PEOPLE_OF_MACOS = ['/Users', '/Volumes', '/private/tmp', '/private/var']

/** `bwrap` would die of a signal to its group at once, and all in it; so it stays until what it holds has ended. */
const UNDISTURBED = ['sh', '-c', `trap '' TERM INT HUP; exec "$@"`, 'sh']

/** What the second wall is built with: Node, our own program files, the runtime. */
const ourPlaces = (): string[] => {
  const runtime = createRequire(import.meta.url).resolve('@anthropic-ai/sandbox-runtime')
  const modules = runtime.slice(0, runtime.indexOf('/node_modules/') + '/node_modules'.length)
  const sources = resolve(dirname(MAIN), '../..')
  const described = [join(sources, '../package.json'), join(sources, '../../package.json')].filter(existsSync)
  return [...programPlaces(process.execPath, homedir()), sources, ...described.slice(0, 1), modules]
}
