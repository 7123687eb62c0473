import { readdirSync } from 'node:fs'
import { removeTreeSync } from '../../platform/remove-tree.ts'
import { runInPlace } from '../../platform/run-in-place.ts'

/**
 * `node run-tidy.ts PREFIX PROGRAM ARGUMENTS…`: runs a program in place of this one, and when it has ended removes from
 * the working folder what it left there under names that begin with PREFIX; what lay there before stays. For programs
 * that keep a cache in the repository and cannot be told otherwise. Ends as the program did.
 */
const main = async (): Promise<number> => {
  const [prefix, ...argv] = process.argv.slice(2)
  if (prefix === undefined || prefix === '' || argv.length === 0) {
    process.stderr.write('usage: run-tidy PREFIX PROGRAM [ARGUMENTS…]\n')
    return 2
  }
  const before = new Set(namesUnder(prefix))
  const code = await runInPlace(argv, 'none')
  for (const name of namesUnder(prefix).filter((found) => !before.has(found))) removeTreeSync(name)
  return code
}

const namesUnder = (prefix: string): string[] => readdirSync('.').filter((name) => name.startsWith(prefix))

process.exitCode = await main()
