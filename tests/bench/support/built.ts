import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The checkout. */
const ROOT = resolve(import.meta.dirname, '../../..')

/** What users start. */
export const LAUNCHER: string = join(ROOT, 'src/cli/oc-supervise.cjs')

/** The built file of a source file: we measure what is installed, not what Node makes of our sources at every start. */
export const builtFile = (source: string): string => {
  const file = join(ROOT, 'dist', source.replace(/\.ts$/, '.js'))
  if (existsSync(file)) return file
  throw new Error(`${file} is missing: the bench measures what was built; run \`npm run build\` first`)
}

/** Loads the built module of a source file; `Module` is `typeof import('…')` of that source. */
export const built = async <Module>(source: string): Promise<Module> =>
  (await import(pathToFileURL(builtFile(source)).href)) as Module
