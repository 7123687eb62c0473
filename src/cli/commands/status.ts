import { runStatus, standardOutput } from '../../../supervisor/status/status-main.ts'

const WITHOUT_MANIFEST = 'oc-supervise status --state-dir DIR, or --name NAME'

/** `oc-supervise status`; the YAML is read only where the flags name no state folder. */
export const statusCommand = (argv: readonly string[]): Promise<number> =>
  runStatus({
    argv,
    env: process.env,
    stdout: standardOutput,
    // Merely touching process.stderr costs milliseconds, so it is touched only where there is something to say.
    stderr: { write: (text) => process.stderr.write(text) },
    stateDirOf: async (file) => {
      const { manifestPath, readManifest } = await import('../compose/read-manifest.ts')
      try {
        return readManifest(manifestPath(file ?? undefined)).manifest.stateDir
      } catch (error) {
        const { UsageError } = await import('../report-error.ts')
        if (!(error instanceof UsageError)) throw error
        throw new UsageError(`${error.message}\nwithout a manifest: ${WITHOUT_MANIFEST}`)
      }
    },
  })
