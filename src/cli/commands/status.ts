import { runStatus, standardOutput } from '../../../supervisor/status/status-main.ts'

/** `oc-supervise status`; the YAML is read only where the flags name no state folder. */
export const statusCommand = (argv: readonly string[]): Promise<number> =>
  runStatus({
    argv,
    env: process.env,
    stdout: standardOutput,
    // Merely touching process.stderr costs milliseconds, so it is touched only where there is something to say.
    stderr: { write: (text) => process.stderr.write(text) },
    stateDirOf: async (file) => (await import('../compose/select-state.ts')).stateDirOf(file ?? undefined),
  })
