import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const findRoot = (from: string): string =>
  existsSync(join(from, 'package.json')) ? from : findRoot(dirname(from))

/** The folder that holds package.json, whether we run from the sources or from dist/. */
export const packageRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)))

/** The launcher, for children that call the command line themselves. */
export const launcherPath: string = join(packageRoot, 'src/cli/oc-supervise.cjs')
