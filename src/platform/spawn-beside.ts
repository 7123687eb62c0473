import { spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { ExitStatus } from './spawn-registered.ts'

/** A program that lives and dies with the one that started it. */
export interface BesideProcess {
  /** Null where it shares ours. */
  readonly stdin: Writable | null
  readonly stdout: Readable | null
  /** Never rejects: a program that could not be started at all says why. */
  readonly exited: Promise<ExitStatus & { readonly startError: string | null }>
  /** To it alone, or to its whole group where it has one of its own. Nothing happens where nothing is left. */
  signal(name: NodeJS.Signals): void
}

/**
 * Starts a program beside a small one of ours that itself runs as somebody's child: same folder, same environment,
 * same standard error. It is not registered: whoever owns us owns it, and finds it by group, mark and namespace.
 * @param options.pipe what comes to us instead of being shared: nothing, its standard output, or standard input and output.
 * @param options.ownGroup in a process group of its own, so that a signal to our group does not reach it.
 */
export const spawnBeside = (
  argv: readonly string[],
  options: { readonly pipe: 'none' | 'output' | 'both'; readonly ownGroup: boolean },
): BesideProcess => {
  const [program = '', ...args] = argv
  const child = spawn(program, args, {
    stdio: [
      options.pipe === 'both' ? 'pipe' : 'inherit',
      options.pipe === 'none' ? 'inherit' : 'pipe',
      'inherit',
    ],
    detached: options.ownGroup,
  })
  // A program that is gone cannot be written to; its end is told by `exited`.
  child.stdin?.on('error', () => {})
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    exited: new Promise((resolve) => {
      child.once('error', (error) => {
        if (child.pid === undefined) resolve({ exitCode: null, signal: null, startError: error.message })
      })
      child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, startError: null }))
    }),
    signal: (name) => {
      if (child.pid === undefined) return
      try {
        process.kill(options.ownGroup ? -child.pid : child.pid, name)
      } catch {
        // Gone already.
      }
    },
  }
}
