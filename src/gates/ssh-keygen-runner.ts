import { newId } from '../platform/random.ts'
import { runRegistered } from '../platform/run-registered.ts'
import { SpawnError } from '../platform/spawn-error.ts'
import type { RunSshKeygen } from './sign-statement.ts'

/** Long enough to find and touch a hardware key. */
const TIMEOUT_MS = 120_000
/** What the shell answers for a program it may not run or cannot find. */
const NOT_STARTED = [126, 127]

/**
 * Runs the installed ssh-keygen as a registered process without a terminal: it can use agent-held, hardware and
 * unencrypted keys, but cannot ask for a passphrase. `authSock` is SSH_AUTH_SOCK, null where there is no agent.
 */
export const sshKeygenRunner =
  (options: { registrationsDir: string; authSock: string | null }): RunSshKeygen =>
  async (args, input) => {
    try {
      const done = await runRegistered({
        role: 'effect',
        subject: 'ssh-keygen',
        owner: newId('inc'),
        registrationsDir: options.registrationsDir,
        argv: ['ssh-keygen', ...args],
        cwd: '/',
        env: {
          SSH_ASKPASS_REQUIRE: 'never',
          ...(options.authSock === null ? {} : { SSH_AUTH_SOCK: options.authSock }),
        },
        input,
        timeoutMs: TIMEOUT_MS,
      })
      return { ...done, exitCode: NOT_STARTED.includes(done.exitCode ?? 0) ? null : (done.exitCode ?? 1) }
    } catch (error) {
      if (error instanceof SpawnError) return { exitCode: null, stdout: '', stderr: error.message }
      throw error
    }
  }
