/** `node status-cli.ts ARGS`: `status` as a program, without the rest of the command line. */
import { runStatus, standardOutput } from '../../../supervisor/status/status-main.ts'

process.exitCode = await runStatus({
  argv: process.argv.slice(2),
  env: process.env,
  stdout: standardOutput,
  stderr: process.stderr,
  stateDirOf: async () => Promise.reject(new Error('no manifest here')),
})
