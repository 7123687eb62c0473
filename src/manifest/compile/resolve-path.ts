import { dirname, isAbsolute, join, resolve } from 'node:path'
import type { CompileContext } from '../compile-context.ts'

/** An absolute path: `~/` is HOME, everything else is relative to the manifest's folder. */
export const resolvePath = (context: CompileContext, text: string): string => {
  const home = context.environment.HOME
  if ((text === '~' || text.startsWith('~/')) && home !== undefined && isAbsolute(home)) {
    return join(home, text.slice(1))
  }
  return resolve(dirname(context.path), text)
}

/** An argv whose program is a path by its looks (`./`, `../`, `~/`) gets it resolved; a bare name is looked up in PATH. */
export const resolveProgram = (context: CompileContext, argv: readonly string[]): string[] => {
  const [program = '', ...rest] = argv
  return [/^(\.{1,2}|~)\//.test(program) ? resolvePath(context, program) : program, ...rest]
}

/** A repository's address: a URL or `user@host:path` as it is, a local path made absolute. */
export const resolveRepoUrl = (context: CompileContext, url: string): string =>
  isRemoteUrl(url) ? url : resolvePath(context, url)

/** As git reads it: a scheme, or a colon before the first slash. */
const isRemoteUrl = (url: string): boolean => /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(url) || /^[^/]+:/.test(url)
