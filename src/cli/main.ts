/**
 * Entry of the command line. Imports nothing statically: `status` must cost little more than a bare Node start,
 * so each command brings only what it needs.
 */
const argv = process.argv.slice(2)

const main = async (): Promise<number> => {
  const [name] = argv
  if (name === 'status') {
    const { statusCommand } = await import('./commands/status.ts')
    return statusCommand(argv.slice(1))
  }
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
