import { SpawnError } from '../../platform/spawn-error.ts'
import { runProgramIn, type TrialFolders, type TrialOwner } from './run-program.ts'

const VERSION_TIMEOUT_MS = 20_000
const VERSION = /\d+\.\d+(?:\.\d+)*(?:[-+][0-9A-Za-z.-]+)?/

export type AskedVersion =
  | { readonly ok: true; readonly version: string | null }
  | { readonly ok: false; readonly why: string }

/**
 * Asks a program for its version, in an empty HOME and without a credential. A program that runs and names none has
 * version null.
 */
export const askVersion = async (
  folders: TrialFolders,
  owner: TrialOwner,
  argv: readonly string[],
): Promise<AskedVersion> => {
  try {
    const ran = await runProgramIn(folders, owner, {
      subject: 'agent-version',
      argv,
      timeoutMs: VERSION_TIMEOUT_MS,
    })
    if (ran.timedOut)
      return { ok: false, why: `${argv.join(' ')} did not end within ${VERSION_TIMEOUT_MS / 1000} s` }
    if (ran.exitCode !== 0)
      return {
        ok: false,
        why: `${argv.join(' ')} ended with ${ran.exitCode ?? ran.signal}${lastWords(ran.stderr)}`,
      }
    return { ok: true, version: VERSION.exec(ran.stdout)?.[0] ?? VERSION.exec(ran.stderr)?.[0] ?? null }
  } catch (error) {
    if (error instanceof SpawnError) return { ok: false, why: error.message }
    throw error
  }
}

const lastWords = (stderr: string): string => {
  const line = stderr.trim().split('\n').at(-1) ?? ''
  return line === '' ? '' : `: ${line.slice(0, 200)}`
}
