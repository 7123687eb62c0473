import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { childEnvironment } from './environment.ts'

/**
 * SIGKILL to a process and its descendants by the npm package tree-kill, which asks the system's own tools for them.
 * It runs as a process of its own: where `ps` is missing or the process table is full it ends in an uncaught error,
 * and that must not be ours. Answers when it is done, successful or not; whoever calls looks again.
 */
export const killTree = (pid: number): Promise<void> =>
  new Promise<void>((resolve) => {
    // Looked for here and not at the start: every keeper would pay for what next to none comes to need.
    const program = createRequire(import.meta.url).resolve('tree-kill/cli.js')
    const options = { env: childEnvironment({}), timeout: 5_000, killSignal: 'SIGKILL' as const }
    execFile(process.execPath, [program, String(pid), 'SIGKILL'], options, () => resolve())
  }).catch(() => {})
