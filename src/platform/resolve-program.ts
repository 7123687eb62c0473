import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { childEnvironment } from './environment.ts'
import { findProgram } from './find-program.ts'

/** A program as it was found, and the facts that tell when its file became another. */
export interface ProgramFile {
  /** Absolute: what is executed. */
  readonly path: string
  /** The file itself, wherever links lead. */
  readonly file: string
  readonly bytes: number
  readonly modifiedMs: number
}

export type ResolvedProgram =
  | { readonly ok: true; readonly program: ProgramFile }
  /** `missing`: what is not there, in words. */
  | { readonly ok: false; readonly missing: string }

/** Whose HOME and PATH are meant. */
export interface ProgramWorld {
  readonly home: string
  readonly path: string
}

/**
 * Finds a program once and for all: what a version manager's shim would run, not the shim, which needs its person's
 * HOME and may run another version tomorrow.
 * @param inside where a launcher keeps the program itself, by the launcher's file; the first that is there is taken
 */
export const resolveProgram = async (
  name: string,
  world: ProgramWorld,
  inside: (file: string) => readonly string[] = () => [],
): Promise<ResolvedProgram> => {
  const found = findProgram(name, world.path)
  if (found === null) {
    const where = name.includes('/') ? 'there' : 'on PATH'
    return { ok: false, missing: `${name} is not ${where}, or may not be executed` }
  }
  const manager = managerOf(found)
  const asked = manager === null ? found : await askManager(manager, basename(found), world)
  if (asked === null)
    return { ok: false, missing: `${found} is a shim of ${manager}, which does not say what it runs` }
  const file = realpathSync(asked)
  const own = inside(file).find((path) => findProgram(path, world.path) !== null)
  if (own !== undefined) return { ok: true, program: programFile(own) }
  const interpreter = interpreterOf(file)
  if (interpreter !== null && findProgram(interpreter, world.path) === null)
    return { ok: false, missing: `${asked} needs ${interpreter}, which is not on PATH` }
  return { ok: true, program: programFile(asked) }
}

/** Whether a program is still the file it was. */
export const isUnchanged = ({ path, file, bytes, modifiedMs }: ProgramFile): boolean => {
  try {
    const now = programFile(path)
    return now.file === file && now.bytes === bytes && now.modifiedMs === modifiedMs
  } catch {
    return false
  }
}

const programFile = (path: string): ProgramFile => {
  const file = realpathSync(path)
  const { size, mtimeMs } = statSync(file)
  return { path, file, bytes: size, modifiedMs: mtimeMs }
}

/** Version managers that put one and the same program in front of all others; all of them answer `which NAME`. */
const MANAGERS = ['asdf', 'mise', 'volta', 'nodenv', 'pyenv', 'rbenv'] as const

/** By the folder of shims it lies in, or by the program that a shim is a link to. */
const managerOf = (found: string): string | null => {
  const file = basename(realpathSync(found)).replace(/-shim$/, '')
  return (
    MANAGERS.find((manager) => manager === file && basename(found) !== manager) ??
    MANAGERS.find((manager) => new RegExp(`/\\.?${manager}/(?:.*/)?shims/`).test(found)) ??
    null
  )
}

const MANAGER_TIMEOUT_MS = 10_000

const askManager = async (manager: string, name: string, world: ProgramWorld): Promise<string | null> => {
  // Loaded where there is a shim; every lane imports this file.
  const { execa } = await import('execa')
  const ran = await execa(manager, ['which', name], {
    env: childEnvironment({ HOME: world.home, PATH: world.path }),
    extendEnv: false,
    reject: false,
    timeout: MANAGER_TIMEOUT_MS,
  })
  const answer = ran.exitCode === 0 ? (ran.stdout.trim().split('\n').at(-1) ?? '') : ''
  return answer.startsWith('/') ? findProgram(answer, world.path) : null
}

/** What `#!/usr/bin/env NAME` leaves to PATH; null for every other file. */
const interpreterOf = (file: string): string | null => {
  const start = Buffer.alloc(256)
  const handle = openSync(file, 'r')
  try {
    readSync(handle, start)
  } finally {
    closeSync(handle)
  }
  return /^#!\s*\/usr\/bin\/env (?:-S )?(?:\w+=\S+ )*([^\s-]\S*)/.exec(start.toString('latin1'))?.[1] ?? null
}
