import type { FailureClass } from '../contracts/failure.ts'
import type { IncarnationId } from '../contracts/ids.ts'
import { gitEnvironment, HARDENED_GIT_CONFIG } from '../platform/git.ts'
import { runRegistered } from '../platform/run-registered.ts'
import { WorkspaceFailure } from './workspace-failure.ts'

/** Who answers for a git process that has an effect of its own, so that it can be found and ended after a crash. */
export interface EffectProcess {
  /** The effect's id. */
  readonly subject: string
  readonly owner: IncarnationId
  readonly registrationsDir: string
}

export interface GitEffectResult {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface GitEffectOptions {
  readonly effect: EffectProcess
  /** Default 10 min. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 10 * 60_000

/**
 * Runs git where it has an effect (clone, fetch, push): registered before its first instruction, with our hardened
 * configuration. A refusal of git is a value.
 * @throws WorkspaceFailure when it was ended for running too long.
 */
export const runGitEffect = async (
  args: readonly string[],
  { effect, timeoutMs = TIMEOUT_MS }: GitEffectOptions,
): Promise<GitEffectResult> => {
  const result = await runRegistered({
    role: 'effect',
    ...effect,
    argv: ['git', ...HARDENED_GIT_CONFIG, ...args],
    cwd: effect.registrationsDir,
    env: gitEnvironment(),
    timeoutMs,
  })
  if (result.timedOut) {
    throw new WorkspaceFailure(
      'timeout',
      `git ${args[0]} took longer than ${timeoutMs / 1000} s and was ended`,
    )
  }
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: withoutCredentials(result.stderr) }
}

/** The failure of a git command, with the last lines git wrote. `what` says what was being done, with which object. */
export const gitFailure = (
  failureClass: FailureClass,
  what: string,
  result: GitEffectResult,
): WorkspaceFailure => {
  const lines = result.stderr.trim().split('\n').slice(-6).join('\n').slice(-1_500)
  return new WorkspaceFailure(
    failureClass,
    `${what}: git ended with ${result.exitCode ?? 'a signal'}\n${lines}`,
  )
}

/** A URL or message without the user part of URLs, which may hold a token. */
export const withoutCredentials = (text: string): string => text.replace(/\/\/[^/\s@]+@/g, '//')
