import { runStatus } from '../../../supervisor/status/status-main.ts'

/** `oc-supervise status`; the YAML is read only where the flags name no state folder. */
export const statusCommand = (argv: readonly string[]): Promise<number> =>
  runStatus({
    argv,
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    stateDirOf: async (file) => {
      const { manifestPath, readManifest } = await import('../compose/read-manifest.ts')
      return readManifest(manifestPath(file ?? undefined)).manifest.stateDir
    },
  })
