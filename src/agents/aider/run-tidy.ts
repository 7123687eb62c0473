import { readdirSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { type BesideProcess, spawnBeside } from '../../platform/spawn-beside.ts'

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
  let program: BesideProcess | null = null
  // Before it is started: a signal that comes at once must not end us alone.
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => program?.signal(name))
  program = spawnBeside(argv, { pipe: false, ownGroup: false })
  const { exitCode, signal, startError } = await program.exited
  for (const name of namesUnder(prefix).filter((found) => !before.has(found)))
    rmSync(name, { recursive: true, force: true })
  if (startError !== null) {
    process.stderr.write(`${argv[0]} could not be started: ${startError}\n`)
    return 127
  }
  return exitCode ?? 128 + (signal === null ? 0 : constants.signals[signal as NodeJS.Signals])
}

const namesUnder = (prefix: string): string[] => readdirSync('.').filter((name) => name.startsWith(prefix))

process.exitCode = await main()
