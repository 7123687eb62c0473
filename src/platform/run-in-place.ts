import { constants } from 'node:os'
import { type BesideProcess, spawnBeside } from './spawn-beside.ts'

/**
 * Runs a program in the place of this one: it shares what is not piped, signals to us are passed on, and its end is to
 * be ours.
 * @param use gets the program once it is started.
 * @returns the exit code to end with: its own, 128 and the number of the signal that ended it, or 127 where it could not
 *   be started, which is said on standard error.
 */
export const runInPlace = async (
  argv: readonly string[],
  pipe: 'none' | 'output',
  use: (program: BesideProcess) => void = () => {},
): Promise<number> => {
  let program: BesideProcess | null = null
  // Before it is started: a signal that comes at once must not end us alone.
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => program?.signal(name))
  program = spawnBeside(argv, { pipe, ownGroup: false })
  use(program)
  const { exitCode, signal, startError } = await program.exited
  if (startError !== null) {
    process.stderr.write(`${argv[0]} could not be started: ${startError}\n`)
    return 127
  }
  return exitCode ?? 128 + (signal === null ? 0 : constants.signals[signal as NodeJS.Signals])
}
