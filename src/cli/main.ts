/**
 * Entry of the command line. Imports next to nothing statically: `status` must cost little more than a bare Node start,
 * so each command brings only what it needs.
 */
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

const argv = process.argv.slice(2)

/** Node keeps what it compiled of the built program beside it: a third of what most commands cost. `status` loads too little for that. */
const keepCompiled = (): void => {
  if (import.meta.url.endsWith('.js'))
    enableCompileCache(fileURLToPath(new URL('../../.compile-cache', import.meta.url)))
}

const main = async (): Promise<number> => {
  const [name] = argv
  if (name === 'status') {
    const { statusCommand } = await import('./commands/status.ts')
    return statusCommand(argv.slice(1))
  }
  keepCompiled()
  const { runProgram } = await import('./program.ts')
  return runProgram(argv)
}

main().then(
  (code) => {
    process.exitCode = code
  },
  async (error: unknown) => {
    const { reportError } = await import('./report-error.ts')
    process.exitCode = reportError(error)
  },
)
