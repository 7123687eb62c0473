import { readFileSync } from 'node:fs'
import type { SecretRef } from '../contracts/compiled-manifest.ts'
import { childEnvironment } from './environment.ts'

/** How long a secret command may take, in milliseconds. */
const COMMAND_TIMEOUT_MS = 30_000

/** Reads one secret where its reference points, at the moment of use. The message never holds the value. */
export const readSecret = async (
  ref: SecretRef,
): Promise<{ ok: true; value: string } | { ok: false; message: string }> => {
  if ('env' in ref) {
    const value = process.env[ref.env]
    return value === undefined || value === ''
      ? { ok: false, message: `the environment variable ${ref.env} is not set where oc-supervise runs` }
      : { ok: true, value }
  }
  if ('file' in ref) {
    try {
      return { ok: true, value: readFileSync(ref.file, 'utf8').trim() }
    } catch (error) {
      return {
        ok: false,
        message: `the secret file ${ref.file} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
      }
    }
  }
  const [program = '', ...args] = ref.command
  // Loaded where a secret is a command; every lane imports this file.
  const { execa } = await import('execa')
  const ran = await execa(program, args, {
    env: childEnvironment({}),
    extendEnv: false,
    reject: false,
    timeout: COMMAND_TIMEOUT_MS,
  })
  return ran.exitCode === 0
    ? { ok: true, value: ran.stdout.trim() }
    : { ok: false, message: `the secret command ${program} ended with exit code ${ran.exitCode ?? 'none'}` }
}
