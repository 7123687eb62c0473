import { mkdirSync } from 'node:fs'
import type { IncarnationId } from '../src/contracts/ids.ts'
import { runRegistered } from '../src/platform/run-registered.ts'
import type { StateLayout } from '../src/platform/state-layout.ts'
import type { AskTarget } from './target-probe.ts'

/** Asks a URL; any 2xx answer within the time is proof. Redirects are not followed: they prove another server. */
export const askHttp =
  (url: string): AskTarget =>
  async (withinMs) => {
    try {
      const response = await fetch(url, {
        signal: AbortSignal.timeout(Math.max(1, withinMs)),
        redirect: 'manual',
      })
      await response.body?.cancel()
      return response.ok
    } catch {
      return false
    }
  }

/** Runs a command in the child's folder; exit 0 within the time is proof. It is registered like every process of ours. */
export const askExec =
  (options: {
    readonly child: string
    readonly argv: readonly string[]
    readonly cwd: string
    readonly env: Record<string, string>
    readonly owner: IncarnationId
    readonly layout: StateLayout
  }): AskTarget =>
  async (withinMs) => {
    mkdirSync(options.layout.registrations, { recursive: true, mode: 0o700 })
    try {
      const result = await runRegistered({
        role: 'effect',
        subject: `${options.child}.liveness`,
        owner: options.owner,
        registrationsDir: options.layout.registrations,
        argv: options.argv,
        cwd: options.cwd,
        env: options.env,
        timeoutMs: Math.max(1, withinMs),
        graceMs: 100,
        maxOutputBytes: 64 * 1024,
      })
      return result.exitCode === 0 && !result.timedOut
    } catch {
      return false
    }
  }
